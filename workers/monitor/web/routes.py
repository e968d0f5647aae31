"""What the monitor answers to what: the one table of paths, behind the guard."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from pagemill.connection import describe, is_forbidden
from workers.monitor.metrics import CONTENT_TYPE, Look, exposition
from workers.monitor.snapshot import Snapshot
from workers.monitor.web import letters, looks, records
from workers.monitor.web.assets import serve
from workers.monitor.web.exchange import Answer, Refused, Request, json_answer
from workers.monitor.web.explaining import explained
from workers.monitor.web.guard import OPEN, Level, check, has_token
from workers.monitor.web.health import health
from workers.monitor.web.lookout import Lookout
from workers.settings import Settings


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """All that the answers are made of. `loopback`: nobody from elsewhere reaches this server."""

    client: Redis
    settings: Settings
    lookout: Lookout
    assets: Mapping[str, Answer]
    token: str
    loopback: bool


class Route(NamedTuple):
    """What answers to a path: a function of the site, the request and what stands behind the path.

    `changes`: it does something to the mill, so that nobody may without the token.
    """

    methods: tuple[str, ...]
    respond: Callable[[Site, Request, str], Answer]
    changes: bool = False


READ = ("GET", "HEAD")
POST = ("POST",)


def respond(site: Site, request: Request) -> Answer:
    """The answer to a request; whatever is wrong with it, or with Redis, is an answer too."""
    try:
        asset = site.assets.get(request.path)
        route, rest = (ASSET, "") if asset else _find(request.path)
        level: Level = "open" if asset or request.path in OPEN else "change" if route.changes else "read"
        check(request, level, token=site.token, loopback=site.loopback)
        _allow(request, route.methods)
        return serve(asset, request) if asset else route.respond(site, request, rest)
    except Refused as refusal:
        return refusal.answer()
    except RedisError as error:
        if is_forbidden(error):
            why = "this monitor's Redis user may not do that; the user operator of deploy/redis/users.acl may"
            return Refused(403, why).answer()
        return Refused(503, str(describe(error, site.client))).answer()


def _status(site: Site, request: Request, _rest: str) -> Answer:
    view = site.lookout.view()
    told: dict[str, Any] = {
        "verdict": view.verdict,
        "snapshot": view.shot and _without_comparable(view.shot),
        "age": view.age,
        "problem": view.problem,
        "latency": view.latency,
        "may_change": has_token(request, site.token),
        "takes_token": bool(site.token),
    }
    return json_answer(told)


def _without_comparable(shot: Snapshot) -> Snapshot:
    """Less what the verdict alone needs: thousands of sites."""
    replace = msgspec.structs.replace
    return replace(shot, sources=replace(shot.sources, comparable=()), hosts=replace(shot.hosts, comparable=()))


def _metrics(site: Site, _request: Request, _rest: str) -> Answer:
    view = site.lookout.view()
    shot = None if view.problem else view.shot
    body = exposition(shot, Look(age=view.age or 0.0, seconds=view.seconds))
    return Answer(body=body, content_type=CONTENT_TYPE)


def _health(site: Site, _request: Request, _rest: str) -> Answer:
    return health(site.lookout.view())


def _dead(site: Site, request: Request, _rest: str) -> Answer:
    return letters.listed(site.client, site.settings, request)


def _letter(site: Site, _request: Request, letter: str) -> Answer:
    return letters.shown(site.client, site.settings, letter)


def _replay(site: Site, request: Request, _rest: str) -> Answer:
    return letters.changed(site.client, site.settings, "replay", request)


def _drop(site: Site, request: Request, _rest: str) -> Answer:
    return letters.changed(site.client, site.settings, "drop", request)


def _records(site: Site, request: Request, _rest: str) -> Answer:
    return records.listed(site.client, site.settings.keys.records, request)


def _record(site: Site, _request: Request, entry: str) -> Answer:
    return records.shown(site.client, site.settings.keys.records, entry)


def _try(site: Site, request: Request, _rest: str) -> Answer:
    return letters.tried(site.client, site.settings, request)


def _settled(site: Site, request: Request, _rest: str) -> Answer:
    return looks.settled(site.client, site.settings, request)


def _why(site: Site, request: Request, _rest: str) -> Answer:
    return looks.told_why(site.client, site.settings, request)


def _explain(site: Site, request: Request, _rest: str) -> Answer:
    return explained(site.client, site.settings, request)


def _nothing(_site: Site, _request: Request, _rest: str) -> Answer:
    raise Refused(404, "there is nothing here")


NOTHING = Route((*READ, *POST), _nothing)
ASSET = Route(READ, _nothing)

ROUTES: Mapping[str, Route] = {
    "/healthz": Route(READ, _health),
    "/metrics": Route(READ, _metrics),
    "/api/status": Route(READ, _status),
    "/api/dead": Route(READ, _dead),
    "/api/dead/replay": Route(POST, _replay, changes=True),
    "/api/dead/drop": Route(POST, _drop, changes=True),
    "/api/dead/try": Route(POST, _try),
    "/api/dead/": Route(READ, _letter),
    "/api/explain": Route(POST, _explain),
    "/api/settled": Route(READ, _settled),
    "/api/why": Route(READ, _why),
    "/api/records": Route(READ, _records),
    "/api/records/": Route(READ, _record),
}
"""A path that ends in a slash stands for all that name one thing below it."""


def _find(path: str) -> tuple[Route, str]:
    if path in ROUTES and not path.endswith("/"):
        return ROUTES[path], ""
    folder, slash, rest = path.rpartition("/")
    return (ROUTES.get(folder + slash, NOTHING), rest) if rest else (NOTHING, "")


def _allow(request: Request, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise Refused(405, f"only {' and '.join(methods)}", headers=(("Allow", ", ".join(methods)),))
