"""Time zones as datelines write them: an offset, or one of the well-known abbreviations."""

import re
from datetime import datetime, timedelta, timezone

# Minutes east of UTC. Where an abbreviation means several zones, the one that news pages mean most often.
_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120,
    "EET": 120, "EEST": 180, "MSK": 180, "TRT": 180, "GST": 240, "PKT": 300, "IST": 330, "NPT": 345, "WIB": 420,
    "ICT": 420, "WITA": 480, "SGT": 480, "HKT": 480, "PHT": 480, "MYT": 480, "AWST": 480, "WIT": 540, "JST": 540,
    "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "WAT": 60, "CAT": 120,
    "SAST": 120, "EAT": 180, "NST": -210, "NDT": -150, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240,
    "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480,
    "HST": -600, "BRT": -180, "ART": -180,
}  # fmt: skip
_AMERICAN = {"ET": -300, "CT": -360, "MT": -420, "PT": -480}  # an hour more in summer

_GAP = r"\s*,?\s*(?:Uhr\b)?\s*\(?\s*"
_OFFSET = re.compile(_GAP + r"(?:(?:GMT|UTC)\s?)?([+\u2212-])(\d{1,2}):?(\d{2})?(?![\d.:/])", re.IGNORECASE)
_NAME = re.compile(_GAP + r"(?:([A-Z]{1,4})|gmt|utc)\b")
_FARTHEST = 14  # hours: Kiribati's


def read_zone(text: str, at: datetime) -> tuple[timezone, int] | None:
    """The zone that `text` begins with, and where it ends in `text`; `at` is the local time that it belongs to."""
    found = _OFFSET.match(text)
    if found:
        hours, minutes = int(found[2]), int(found[3] or 0)
        if hours <= _FARTHEST and minutes < 60:  # noqa: PLR2004
            east = timedelta(hours=hours, minutes=minutes)
            return timezone(east if found[1] == "+" else -east), found.end()
    found = _NAME.match(text)
    if found is None:
        return None
    name = found[1] or "UTC"
    if name in _AMERICAN:
        return timezone(timedelta(minutes=_AMERICAN[name] + 60 * _is_american_summer(at))), found.end()
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name])), found.end()
    return None


def _is_american_summer(at: datetime) -> bool:
    """Whether clocks are an hour ahead: from March's second Sunday to November's first (since 2007), at 2 o'clock."""
    return _sunday(at.year, 3, 8) <= at.replace(tzinfo=None) < _sunday(at.year, 11, 1)


def _sunday(year: int, month: int, earliest: int) -> datetime:
    """2 o'clock on the first Sunday from the day `earliest` on."""
    day = datetime(year, month, earliest, 2)  # noqa: DTZ001  local time
    return day + timedelta(days=6 - day.weekday())
