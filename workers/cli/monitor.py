"""`pagemill monitor`: the mill on a page."""

import signal

import click

from workers.cli.options import opened, redis_options


@click.command()
@click.option("--listen", metavar="HOST:PORT", help="Where to serve.  [default: 127.0.0.1:8712]")
@click.option("--token-file", metavar="FILE", help="The token, instead of PAGEMILL_MONITOR_TOKEN.")
@redis_options
def command(redis_url: str | None, prefix: str | None, *, listen: str | None, token_file: str | None) -> int:
    """Serve the page, /metrics for Prometheus, /healthz and /api/status, until stopped.

    Whoever reaches this machine's loopback may read. To replay and drop dead letters, and to listen on any other
    address, it needs a token.
    """
    from workers.logs import configure_logging  # noqa: PLC0415
    from workers.monitor.web.guard import read_token  # noqa: PLC0415
    from workers.monitor.web.serving import DEFAULT_LISTEN, Monitor  # noqa: PLC0415

    stops = {signal.SIGINT, signal.SIGTERM}
    with opened(redis_url, prefix) as (settings, client):
        configure_logging(settings)
        token = read_token(settings.monitor_token, token_file)
        signal.pthread_sigmask(signal.SIG_BLOCK, stops)  # before any thread, which would take them from us
        with Monitor(client, settings, listen=listen or DEFAULT_LISTEN, token=token) as monitor:
            click.echo(f"monitor at {monitor.url}", err=True)
            signal.sigwait(stops)
    return 0
