"""Subscriber and stream that block."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Optional, Union

from .._base import OnNotice, deadline_of, tell, unreachable
from .._errors import Closed, TimedOut
from .._live import LiveCore, LiveOptions
from .._message import End, Message, Record
from .._stream import StreamCore
from .._stream_options import StreamOptions
from .._where import Where
from ._handle import Handle, wait

if TYPE_CHECKING:
    from typing_extensions import Self


class _Source(Handle):
    """Iterating gives the records. What else there is to be told (gaps, holes, a lost connection) goes to `on_notice`, or
    as a warning to the logger "tocsin"."""

    _core: Union[LiveCore, StreamCore]
    _on_notice: OnNotice
    _is_closed = False

    def next(self, timeout: Optional[float] = None) -> Message:
        """What comes next, of any kind. TimedOut: nothing in time; ProtocolError: a message that is none was passed over.
        After either the next call goes on."""
        deadline = deadline_of(timeout)
        while True:
            if self._is_closed:
                raise Closed("the handle is closed")
            now = time.monotonic()
            message = self._core.take(now)
            if message is not None:
                return message
            self._check_ended()
            if now >= deadline:
                raise TimedOut("nothing came in time")
            wait(self._core.sockets, min(self._core.wake_at, deadline))

    def _check_ended(self) -> None:
        pass

    def messages(self) -> Iterator[Message]:
        """All that comes, of any kind; a stream's End is the last."""
        while True:
            message = self.next()
            yield message
            if isinstance(message, End):
                return

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Record:
        while True:
            message = self.next()
            if isinstance(message, Record):
                return message
            if isinstance(message, End):
                raise StopIteration
            tell(self._on_notice, message)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._core.close()


class Subscriber(_Source):
    """Follows events live. Opening waits until the broker has confirmed all filters (a heartbeat, one a second): from then
    on every event is told, or told as a Gap. Belongs to one thread at a time."""

    _core: LiveCore

    def __init__(self, where: Where, options: LiveOptions, on_notice: OnNotice = None) -> None:
        self._on_notice = on_notice
        self._core = LiveCore(where, options)
        deadline = deadline_of(where.timeout)
        try:
            while not self._core.is_confirmed:
                now = time.monotonic()
                if self._core.look(now):
                    continue
                if now >= deadline:
                    raise unreachable(where, "live", self._core.is_refused)
                wait(self._core.sockets, min(self._core.wake_at, deadline))
        except BaseException:
            self.close()
            raise


class Stream(_Source):
    """The broker's log: any part of the past, and what comes, each event once and in the order of seq, over breaks of the
    connection and restarts of the broker. Belongs to one thread at a time."""

    _core: StreamCore

    def __init__(self, where: Where, options: StreamOptions, on_notice: OnNotice = None) -> None:
        self._on_notice = on_notice
        self._commits_itself = not options.commits_by_hand
        self._core = StreamCore(where, options)
        deadline = deadline_of(where.timeout)
        try:
            while not self._core.is_open:
                now = time.monotonic()
                if self._core.look(now):
                    continue
                if now >= deadline:
                    raise unreachable(where, "stream", self._core.is_refused)
                wait(self._core.sockets, min(self._core.wake_at, deadline))
            if self._commits_itself:
                self._core.commit(True)
        except BaseException:
            self.close()
            raise

    def next(self, timeout: Optional[float] = None) -> Message:
        """As of a subscriber. What was told by the call before counts as handled now, unless commits_by_hand. OtherLog: the
        broker writes another log, and a cursor of this one is kept; Closed: End has been told."""
        if self._commits_itself and not self._is_closed:
            self._core.commit()
        return super().next(timeout)

    def _check_ended(self) -> None:
        if self._core.is_ended:
            raise Closed("the stream has ended")

    @property
    def cursor(self) -> int:
        """The seq through which all that matches has been told; it moves on where nothing matches. 0: begin as the first
        time."""
        return self._core.cursor

    @property
    def log_id(self) -> str:
        return self._core.log_id

    @property
    def head(self) -> int:
        """The log's last seq as far as it is known here."""
        return self._core.head

    def commit(self, must_write: bool = False) -> None:
        """All that was told is handled: the cursor's file may say so, at once with must_write."""
        self._core.commit(must_write)
