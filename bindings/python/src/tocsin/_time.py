"""Times as PROTOCOL.md section 1.2 has them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_GRAMMAR = re.compile(
    r"([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(\.[0-9]{1,9})?"
    r"(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def _days_of(year: int, month: int) -> int:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _DAYS[month - 1]


def is_time(text: str) -> bool:
    """Whether an event may have this time."""
    match = _GRAMMAR.fullmatch(text)
    if not match:
        return False
    year, month, day, hour, minute, second, _, sign, offset_hour, offset_minute = match.groups()
    if not 1 <= int(day) <= _days_of(int(year), int(month)):
        return False
    if second != "60":
        return True
    offset = int(offset_hour) * 60 + int(offset_minute) if sign else 0
    utc = int(hour) * 60 + int(minute) - (offset if sign == "+" else -offset)
    return utc % 1440 == 1439


def time_text(moment: datetime) -> str:
    """A moment as an event has it; it must know its time zone."""
    if moment.utcoffset() is None:
        raise ValueError("a time without a time zone: use datetime.now().astimezone() or timezone.utc")
    text = moment.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def moment_of_us(us: int) -> datetime:
    """Microseconds since 1970 UTC as a moment."""
    return _EPOCH + timedelta(microseconds=us)
