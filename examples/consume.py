"""Keep the newest version of each article in SQLite: `python examples/consume.py FILE [--once]`.

A record may come twice, so it is written by its article: twice does no harm. Ctrl-C ends it behind
the record in hand. Redis is the one that PAGEMILL_REDIS_URL names, else redis://localhost:6379/0.
"""

import os
import signal
import sqlite3
import sys

from pagemill import Consumer, Record

REDIS_URL = os.environ.get("PAGEMILL_REDIS_URL", "redis://localhost:6379/0")

TABLE = """
create table if not exists articles (
    article text primary key, version integer, url text, title text, published_at text, text text
)
"""
UPSERT = """
insert into articles values (?, ?, ?, ?, ?, ?)
on conflict (article) do update set
    version = excluded.version, url = excluded.url, title = excluded.title,
    published_at = excluded.published_at, text = excluded.text
where excluded.version >= articles.version
"""


def row_of(record: Record) -> tuple[str | int | None, ...]:
    """A record as a row of the table."""
    published = record.published_at.isoformat() if record.published_at else None
    return record.article, record.version, record.url, record.title, published, record.text


def main(path: str, *, follow: bool) -> None:
    """Write each record before it is acknowledged."""
    database = sqlite3.connect(path)
    database.execute(TABLE)
    with Consumer(REDIS_URL, group="sqlite", follow=follow) as records:
        signal.signal(signal.SIGINT, lambda *_: records.stop())
        signal.signal(signal.SIGTERM, lambda *_: records.stop())
        for record in records:
            with database:
                database.execute(UPSERT, row_of(record))
    [(count,)] = database.execute("select count(*) from articles")
    database.close()
    print(f"{count} articles in {path}")


if __name__ == "__main__":
    main(sys.argv[1], follow="--once" not in sys.argv)
