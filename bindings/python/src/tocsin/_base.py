"""What the blocking and the asyncio handles share: keywords, deadlines, words for what went wrong, notices."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable
from typing import Any, Callable, Optional, TypedDict, Union

import zmq

from ._append import Receipt, Rejection
from ._errors import Unreachable
from ._event import Level
from ._filter import Filters
from ._message import ConnectionLost, ConnectionRestored, End, Gap, Hole, LogReset, Notice
from ._stream_options import Start
from ._where import DOORS, Keys, Where

_log = logging.getLogger("tocsin")

MESSAGES_A_TURN = 256  # told before others have a turn


class PublisherKeywords(TypedDict, total=False):
    """Timeouts are in seconds, None: for ever."""

    send_timeout: Optional[float]  #: for room in the queue; 5
    close_timeout: Optional[float]  #: for what is under way at closing; 5
    queue_bytes: int  #: most that waits to be sent; 16 MiB
    max_event_bytes: int  #: as configured in the broker; 1 MiB
    collects: bool  #: events in quick succession share a frame; True


class AppenderKeywords(TypedDict, total=False):
    """Timeouts are in seconds, None: for ever."""

    incarnation: Optional[int]  #: grows with every start; the clock
    send_timeout: Optional[float]  #: for room in the queue; 5
    close_timeout: Optional[float]  #: for what is not settled at closing; 5
    queue_bytes: int  #: most that waits to be settled; 16 MiB
    max_event_bytes: int  #: as configured in the broker; 1 MiB
    on_settled: Optional[Callable[[Receipt], None]]
    on_refused: Optional[Callable[[Rejection], None]]


class WantedKeywords(TypedDict, total=False):
    """Which events."""

    filters: Filters  #: topics wanted, any of them; none: everything
    exclude: Filters  #: topics not wanted after all
    level: Union[Level, str]  #: the lowest
    types: Iterable[str]  #: any of them; none: all
    max_event_bytes: int  #: as configured in the broker; 1 MiB


class SubscriberKeywords(WantedKeywords, total=False):
    heartbeat_timeout: float  #: silence after which the connection counts as lost; 5 s
    queue_frames: int  #: most frames that wait in this process; 100000
    max_topics: int  #: topics whose last seq is remembered; 65536


class StreamKeywords(WantedKeywords, total=False):
    start: Start  #: a seq, "new", "first", a time (datetime or RFC 3339), Last(count); "new"
    latest: bool  #: begin with the last event before the start of every matching topic
    follow: bool  #: go on with what comes; else End is told at the head; True
    log_id: Optional[str]  #: the log that a seq counts in; any other is OtherLog
    cursor_file: Union[str, os.PathLike[str], None]  #: begin behind what it tells, and keep it
    cursor_interval: float  #: it is written so often at most; 0.2 s
    commits_by_hand: bool  #: only commit() says what is handled; else each next message does
    silence_timeout: float  #: after which the connection counts as lost; 5 s
    credit_bytes: int  #: most that is on its way or waits here; 4 MiB


OnNotice = Optional[Callable[[Notice], Any]]


class BaseClient:
    """Where a broker is: `server` is HOST[:BASEPORT], by default 127.0.0.1:5560; its four doors are at BASEPORT and the
    three ports behind it. Endpoints of single doors go before it. `timeout` is that of opening, in seconds, None: for
    ever. Opens nothing by itself. All handles of a process share one ZeroMQ context, unless you give one."""

    def __init__(
        self,
        server: Optional[str] = None,
        *,
        keys: Optional[Keys] = None,
        timeout: Optional[float] = 5.0,
        ingest: Optional[str] = None,
        append: Optional[str] = None,
        live: Optional[str] = None,
        stream: Optional[str] = None,
        context: Optional[zmq.Context[zmq.Socket[bytes]]] = None,
    ) -> None:
        self._where = Where(server, dict(zip(DOORS, (ingest, append, live, stream))), keys, timeout, context)


def call(callback: Callable[[Any], None], told: Any) -> None:
    """A callback of the program: what it raises is logged, and stops nothing."""
    try:
        callback(told)
    except Exception:
        _log.exception("a callback failed")


def deadline_of(timeout: Optional[float]) -> float:
    return float("inf") if timeout is None else time.monotonic() + timeout


def unreachable(where: Where, door: str, is_refused: bool) -> Unreachable:
    endpoint = where.endpoint(door)
    if is_refused:
        return Unreachable(f"{endpoint}: what is there turns the connection away: are the keys right?")
    return Unreachable(f"{endpoint}: no broker answered within {where.timeout} s (is tocsind running?)")


def tell(on_notice: OnNotice, notice: Notice) -> None:
    """To who asked for notices, else to the log of the program: nothing is passed over in silence."""
    if on_notice is not None:
        on_notice(notice)
    elif isinstance(notice, Gap):
        topic = f" of {notice.topic}" if notice.topic else ""
        _log.warning("at least %d events%s were lost within %d..%d", notice.at_least, topic, notice.first, notice.last)
    elif isinstance(notice, Hole):
        _log.warning("the broker's log does not hold %d..%d", notice.first, notice.last)
    elif isinstance(notice, ConnectionLost):
        _log.warning("the connection to the broker is lost")
    elif isinstance(notice, ConnectionRestored):
        _log.warning("the connection to the broker is back")
    elif isinstance(notice, LogReset):
        _log.warning("the broker's log is %s now, its last seq %d", notice.log_id, notice.head)
    else:
        assert isinstance(notice, End)
