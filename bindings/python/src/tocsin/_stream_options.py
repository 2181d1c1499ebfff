"""Where a stream begins and what is wanted of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Optional, Union

from ._event import Level
from ._filter import PREFIXES_MAX, Filters, Wanted
from ._rules import EVENT_BYTES_MAX
from ._time import is_time, time_text


@dataclass(frozen=True)
class Last:
    """Begin so many seqs before the log's end, whether they match or not."""

    count: int


Start = Union[int, Literal["new", "first"], datetime, str, Last]


@dataclass
class StreamOptions:
    start: Start = "new"
    filters: Filters = ()
    exclude: Filters = ()
    level: Union[Level, str] = Level.TRACE
    types: Iterable[str] = ()
    latest: bool = False
    follow: bool = True
    log_id: Optional[str] = None
    cursor_file: Union[str, os.PathLike[str], None] = None
    cursor_interval: float = 0.2
    commits_by_hand: bool = False
    silence_timeout: float = 5.0
    credit_bytes: int = 4 << 20
    max_event_bytes: int = EVENT_BYTES_MAX


def start_of(start: Start) -> Any:
    """As the protocol has it."""
    if isinstance(start, bool) or (isinstance(start, int) and not 0 <= start < 2**64):
        raise ValueError(f"no start: {start!r}")
    if isinstance(start, Last):
        return {"last": start.count}
    if isinstance(start, datetime):
        return {"time": time_text(start)}
    if isinstance(start, str) and start not in ("new", "first"):
        if not is_time(start):
            raise ValueError(f'no start: {start!r}; allowed are a seq, "new", "first", a time and Last(count)')
        return {"time": start}
    return start


def prefixes_for_broker(wanted: Wanted) -> list[bytes]:
    """More than the broker takes is everything, and sorted out here."""
    prefixes = wanted.prefixes()
    return prefixes if len(prefixes) <= PREFIXES_MAX else []
