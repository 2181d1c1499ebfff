"""Subscriber and stream, by the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Optional, Union

from .._base import MESSAGES_A_TURN, OnNotice, deadline_of, tell, unreachable
from .._errors import Closed, TimedOut, TocsinError
from .._live import LiveCore, LiveOptions
from .._message import End, Message, Record
from .._stream import StreamCore
from .._stream_options import StreamOptions
from .._where import Where
from ._handle import AsyncHandle, Bell

if TYPE_CHECKING:
    from typing_extensions import Self


class _AsyncSource(AsyncHandle):
    """`async for` gives the records. What else there is to be told (gaps, holes, a lost connection) goes to `on_notice`, or
    as a warning to the logger "tocsin"."""

    _door: str
    _make: Callable[[], Union[LiveCore, StreamCore]]

    def __init__(self, where: Where, on_notice: OnNotice) -> None:
        self._where = where
        self._on_notice = on_notice
        self._core: Any = None
        self._is_closed = False
        self._bell = Bell()
        self._told = 0
        self._is_busy = False

    def _is_open(self, core: Any) -> bool:
        raise NotImplementedError

    async def open(self) -> None:
        """Waits for the broker."""
        if self._is_closed:
            raise Closed("the handle is closed")
        if self._core is not None:
            return
        core = self._make()
        deadline = deadline_of(self._where.timeout)
        try:
            while not self._is_open(core):
                now = time.monotonic()
                if core.look(now):
                    continue
                if now >= deadline:
                    raise unreachable(self._where, self._door, core.is_refused)
                await self._bell.wait(core.sockets, min(core.wake_at, deadline))
        except BaseException:
            core.close()
            raise
        self._core = core

    async def next(self, timeout: Optional[float] = None) -> Message:
        """What comes next, of any kind. TimedOut: nothing in time; ProtocolError: a message that is none was passed over.
        After either the next call goes on. One call at a time."""
        if self._is_busy:
            raise TocsinError("a call of next is under way")
        self._is_busy = True
        try:
            return await self._next(timeout)
        finally:
            self._is_busy = False

    async def _next(self, timeout: Optional[float]) -> Message:
        deadline = deadline_of(timeout)
        if self._core is None:
            await self.open()
        self._told += 1
        if self._told % MESSAGES_A_TURN == 0:
            await asyncio.sleep(0)
        while True:
            if self._is_closed:
                raise Closed("the handle is closed")
            now = time.monotonic()
            message: Optional[Message] = self._core.take(now)
            if message is not None:
                return message
            self._check_ended()
            if now >= deadline:
                raise TimedOut("nothing came in time")
            await self._bell.wait(self._core.sockets, min(self._core.wake_at, deadline))

    def _check_ended(self) -> None:
        pass

    async def messages(self) -> AsyncIterator[Message]:
        """All that comes, of any kind; a stream's End is the last."""
        while True:
            message = await self.next()
            yield message
            if isinstance(message, End):
                return

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Record:
        while True:
            message = await self.next()
            if isinstance(message, Record):
                return message
            if isinstance(message, End):
                raise StopAsyncIteration
            tell(self._on_notice, message)

    async def close(self) -> None:
        self._is_closed = True
        core, self._core = self._core, None
        self._bell.ring()
        if core is not None:
            core.close()


class AsyncSubscriber(_AsyncSource):
    """As Subscriber."""

    _door = "live"

    def __init__(self, where: Where, options: LiveOptions, on_notice: OnNotice = None) -> None:
        super().__init__(where, on_notice)
        self._make = lambda: LiveCore(where, options)

    def _is_open(self, core: LiveCore) -> bool:
        return core.is_confirmed


class AsyncStream(_AsyncSource):
    """As Stream."""

    _door = "stream"

    def __init__(self, where: Where, options: StreamOptions, on_notice: OnNotice = None) -> None:
        super().__init__(where, on_notice)
        self._commits_itself = not options.commits_by_hand
        self._make = lambda: StreamCore(where, options)

    def _is_open(self, core: StreamCore) -> bool:
        return core.is_open

    async def open(self) -> None:
        """Waits until the broker has opened it."""
        is_new = self._core is None
        await super().open()
        if is_new and self._commits_itself:
            self.commit(True)

    async def next(self, timeout: Optional[float] = None) -> Message:
        """As of a subscriber. What was told by the call before counts as handled now, unless commits_by_hand."""
        if self._commits_itself and self._core is not None:
            self.commit()
        return await super().next(timeout)

    def _check_ended(self) -> None:
        if self._core.is_ended:
            raise Closed("the stream has ended")

    @property
    def cursor(self) -> int:
        """As of Stream."""
        return int(self._core.cursor) if self._core else 0

    @property
    def log_id(self) -> str:
        return str(self._core.log_id) if self._core else ""

    @property
    def head(self) -> int:
        """The log's last seq as far as it is known here."""
        return int(self._core.head) if self._core else 0

    def commit(self, must_write: bool = False) -> None:
        """As of Stream; writing the file blocks the loop for a moment."""
        if self._core:
            self._core.commit(must_write)
