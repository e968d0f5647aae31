"""Dates that say how long ago: "2 hours ago", "vor 2 Stunden", "2時間前"."""
# ruff: noqa: RUF001  Cyrillic and Greek words look like Latin ones

import re
from datetime import timedelta
from unicodedata import normalize

LONGEST = 64

_UNITS = {
    "seconds": r"sec|second|seconds|sekunde|sekunden|secondes|segundos|secondi|seconden|секунд|секунды|sekund|秒|초",
    "minutes": (
        r"min|mins|minute|minutes|minuten|minuto|minutos|minuti|minuut|minut|minuty|minutter|minuter|minuuttia"
        r"|минут|минуту|минуты|хвилин|dakika|λεπτά|分钟|分鐘|分|분"
    ),
    "hours": (
        r"h|hr|hrs|hour|hours|stunde|stunden|heure|heures|hora|horas|ora|ore|uur|timer|time|timmar|timme|tuntia"
        r"|час|часа|часов|годин|години|godz|godzin|godziny|godzinę|hodin|hodinou|saat|ώρες|小时|小時|時間|시간"
    ),
    "days": (
        r"day|days|tag|tagen|tage|jour|jours|día|días|dia|dias|giorno|giorni|dag|dagen|dagar|dage|dager|päivää"
        r"|день|дня|дней|днів|dni|dny|gün|μέρες|ημέρες|天|日|일"
    ),
    "weeks": (
        r"week|weeks|woche|wochen|semaine|semaines|semana|semanas|settimana|settimane|weken|uker|veckor|周|週間|주"
    ),
}
_MARK = (
    r"\bago\b|\bvor\b|\bil y a\b|\bhace\b|\bhá\b|\bfa\b|\bgeleden\b|\bsiden\b|\bsedan\b|\bsitten\b|\bназад\b|\bтому\b"
    r"|\btemu\b|\bpřed\b|\bönce\b|\bπριν\b|前|전"
)
_AMOUNT = re.compile(
    r"(?<![\d.,:/-])(\d{1,3})\s*(?:"
    + "|".join(f"(?P<{unit}>{words})" for unit, words in _UNITS.items())
    + r")(?![a-z])"
)
_AGO = re.compile(_MARK)


def read_age(text: str) -> timedelta | None:
    """How long ago `text` says it was, or None. Months and years are too coarse to make a date of."""
    if len(text) > LONGEST:
        return None
    lowered = normalize("NFKC", text).lower()
    amount = _AMOUNT.search(lowered)
    if amount is None or amount.lastgroup is None or not _AGO.search(lowered):
        return None
    return timedelta(**{amount.lastgroup: int(amount[1])})
