"""Settings: PAGEMILL_* in the environment, over pagemill.toml, over the defaults."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pagemill.errors import SettingsError
from pagemill.keys import DEFAULT_PREFIX, DEFAULT_QUEUE, Keys, check_queue
from pagemill.limits import Limits
from pagemill.trace import check_installed

if TYPE_CHECKING:
    from pipeline.options import Options
    from pipeline.sameness.near import Thresholds

ENVIRONMENT_PREFIX = "PAGEMILL_"
FILE = "pagemill.toml"

# Lua's numbers are doubles: beyond 10^15 Redis is sent an exponent for a count, and refuses it.
Count = Annotated[int, Meta(ge=1, le=1_000_000_000_000_000)]
CountOrNone = Annotated[int, Meta(ge=0, le=1_000_000_000_000_000)]
MemoryPages = Annotated[int, Meta(ge=1, le=350_000_000)]  # a position in the memory's ring has 32 bits
Thousandths = Annotated[int, Meta(ge=0, le=1000)]
Seconds = Annotated[float, Meta(gt=0, le=1_000_000)]
Wish = Literal["auto", "keep", "drop"]
Days = Annotated[float, Meta(gt=0, le=100_000)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that can be set, with its unit in its name. docs/settings.md tells what each is for."""

    redis_url: str = "redis://localhost:6379/0"
    prefix: str = DEFAULT_PREFIX
    queues: tuple[str, ...] = (DEFAULT_QUEUE,)
    """In the order of priority: the first is emptied first."""

    workers: Count = 2
    max_workers: CountOrNone = 0
    """Above `workers`: the pool grows and shrinks between the two. 0: it keeps its size."""

    scale_drain_seconds: Seconds = 10
    scale_idle_seconds: Seconds = 60
    batch_pages: Annotated[int, Meta(ge=1, le=1024)] = 64
    batch_bytes: Count = 16_000_000
    claim_seconds: Seconds = 10
    claim_pages: Count = 100_000
    lease_seconds: Annotated[float, Meta(ge=1, le=1_000_000)] = 25
    page_seconds: Seconds = 30
    strikes: Count = 2
    lonely_deaths: Count = 5
    suspect_deliveries: Annotated[int, Meta(ge=2)] = 4
    stop_seconds: Seconds = 6
    """What a container's stop leaves (10 s by default), less the time to hand back."""

    horse_growth_mb: Count = 512
    """A horse that grew by so much since its fork ends its claim, and a fresh one goes on."""

    horse_limit_mb: CountOrNone = 2_048
    """What a horse may add to its size at the fork (0: no limit)."""

    max_body: Count = 10_000_000
    max_url: Count = 2_048
    max_id: Count = 128
    max_meta: Count = 16_384
    max_headers: Count = 65_536
    max_content_type: Count = 1_024
    max_source: Count = 256

    min_words: CountOrNone = 15
    languages: tuple[str, ...] = ()
    extractor: Literal["blocks", "trafilatura"] = "blocks"
    second_opinion: Annotated[float, Meta(ge=0, le=1)] = 0.6
    captions: Wish = "auto"
    footnotes: Wish = "auto"
    comments: Wish = "auto"
    markdown: bool = False

    memory_pages: MemoryPages = 1_000_000
    memory_days: Days = 30
    site_profile: bool = True
    profile_articles: Annotated[int, Meta(ge=1, le=64)] = 16
    profile_sites: Count = 10_000
    profile_days: Days = 30
    records_limit: Count = 100_000
    records_at_limit: Literal["wait", "trim"] = "wait"
    settled_limit: CountOrNone = 100_000
    metered_names: Count = 1_000
    dead_bytes: Count = 256_000_000
    dead_days: Days = 14

    near_duplicates: Literal["drop", "mark", "off"] = "drop"
    near_keeps: Literal["longest", "first"] = "longest"
    near_short: CountOrNone = 60
    near_short_resemblance: Thousandths = 750
    near_resemblance: Thousandths = 310
    near_containment: Thousandths = 560
    near_long: CountOrNone = 180
    near_long_resemblance: Thousandths = 365
    near_long_containment: Thousandths = 650
    near_figures: CountOrNone = 9
    near_figures_contained: Thousandths = 790
    near_figures_eased: Thousandths = 40
    near_figures_slope: Thousandths = 8
    near_figures_from: Thousandths = 90
    near_same_resemblance: Thousandths = 950
    near_fuller_growth: Annotated[int, Meta(ge=1000, le=1_000_000)] = 1300
    near_fuller_containment: Thousandths = 850

    queue_limit: CountOrNone = 1_000_000
    memory_share: Annotated[float, Meta(gt=0, le=1)] = 0.8
    compress: bool = True

    monitor_token: str = ""
    """Lets its bearer replay and drop dead letters on the monitor's page, and read it from elsewhere."""

    log_format: Literal["auto", "console", "json"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    tracing: bool = False
    """OpenTelemetry spans, sent to where its own OTEL_* variables say."""

    def __post_init__(self) -> None:
        if not self.queues:
            msg = "queues: (): name at least one"
            raise SettingsError(msg)
        if 0 < self.max_workers < self.workers:
            msg = f"workers: {self.workers}:{self.max_workers}: the most are fewer than the least"
            raise SettingsError(msg)
        for queue in self.queues:
            check_queue(queue)
        if self.languages:
            _check_languages(self.languages)
        Keys(self.prefix)
        if self.tracing:
            check_installed(sending=True)

    @property
    def keys(self) -> Keys:
        """The names of this mill's keys."""
        return Keys(self.prefix)

    @property
    def limits(self) -> Limits:
        """What a page may weigh."""
        return Limits(**{name: getattr(self, name) for name in Limits.__struct_fields__})

    @property
    def options(self) -> "Options":
        """What the pipeline is told."""
        from pipeline.options import Options  # noqa: PLC0415 - loads the extractor, which `pagemill status` never needs

        return Options(**{name: getattr(self, name) for name in Options.__struct_fields__})

    @property
    def thresholds(self) -> "Thresholds":
        """From where on a text is a copy."""
        from pipeline.sameness.near import Thresholds  # noqa: PLC0415 - as above

        return Thresholds(**{name: getattr(self, f"near_{name}") for name in Thresholds.__struct_fields__})


def load_settings(environ: Mapping[str, str] | None = None, file: Path | None = None, **overrides: Any) -> Settings:
    """Settings from the file, the environment and `overrides` (None is left out), each over the last.

    `file` defaults to pagemill.toml in the working directory, or what PAGEMILL_CONFIG names. Raises
    SettingsError that names the setting, where it came from and the remedy.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    path = file or Path(environ.get(f"{ENVIRONMENT_PREFIX}CONFIG", FILE))
    for source, found in (
        (str(path), _from_file(path, required=file is not None or f"{ENVIRONMENT_PREFIX}CONFIG" in environ)),
        ("the environment", _from_environment(environ)),
        ("the command line", {name: value for name, value in overrides.items() if value is not None}),
    ):
        for name in found:
            _check_name(name, source)
        values |= _spread(found)
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$.")
        name = where.rstrip("`").partition("[")[0]
        shown = f": {values[name]!r}" if name in values and name not in _SECRET else ""
        msg = f"{name or 'settings'}{shown}: {reason}"
        raise SettingsError(msg) from None


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if not required:
            return {}
        msg = f"{path}: there is no such file"
        raise SettingsError(msg) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{path}: cannot be read as TOML: {error}"
        raise SettingsError(msg) from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in environ.items():
        if name.startswith(ENVIRONMENT_PREFIX) and name not in _NOT_SETTINGS:
            setting = name.removeprefix(ENVIRONMENT_PREFIX).lower()
            found[setting] = _split(value) if setting in _LISTS else value
    return found


def _spread(found: dict[str, Any]) -> dict[str, Any]:
    """`workers` as MIN:MAX is two settings; as a number it is a pool that keeps its size."""
    if "workers" not in found:
        return found
    least, colon, most = str(found["workers"]).partition(":")
    return {"max_workers": most if colon else 0, **found, "workers": least}


def _check_languages(codes: Sequence[str]) -> None:
    """Raise SettingsError for what no text is ever found to be in: every page would be rejected."""
    from pipeline.language import normalise_language  # noqa: PLC0415 - loads the detector, which few commands need

    for code in codes:
        meant = normalise_language(code)
        if meant != code:
            remedy = f"write {meant}" if meant else "a language has two letters, as de or pt"
            msg = f"languages: {code!r} is no code of ISO 639-1: {remedy}"
            raise SettingsError(msg)


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _check_name(name: str, source: str) -> None:
    if name in Settings.__struct_fields__:
        return
    near = get_close_matches(name, Settings.__struct_fields__, n=1, cutoff=0.0)[0]
    shown = f"{ENVIRONMENT_PREFIX}{name.upper()}" if source == "the environment" else name
    wanted = f"{ENVIRONMENT_PREFIX}{near.upper()}" if source == "the environment" else near
    msg = f"{shown}: no such setting (in {source}); the nearest is {wanted}"
    raise SettingsError(msg)


_LISTS = frozenset({"queues", "languages"})
_SECRET = frozenset({"redis_url", "monitor_token"})
_NOT_SETTINGS = frozenset({f"{ENVIRONMENT_PREFIX}CONFIG", f"{ENVIRONMENT_PREFIX}TEST_REDIS_URL"})
