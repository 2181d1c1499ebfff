"""Fire and forget, by the event loop."""

from __future__ import annotations

import asyncio
import time
from typing import Optional

from .._base import deadline_of, unreachable
from .._errors import Closed, QueueFull, TimedOut, TocsinError, Unreachable
from .._event import Event
from .._publish import PublishCore, PublishOptions
from .._where import Where
from ._handle import AsyncHandle, Bell

_ROOM_POLL = 0.001
_RETRY = 0.01


class AsyncPublisher(AsyncHandle):
    """As Publisher; publish() waits only where the queue is full or the broker away."""

    def __init__(self, where: Where, options: PublishOptions) -> None:
        self._where = where
        self._options = options
        self._core: Optional[PublishCore] = None
        self._is_closed = False
        self._bell = Bell()
        self._flusher: Optional[asyncio.TimerHandle] = None
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Waits until the broker takes events."""
        async with self._lock:
            if self._core is None:
                self._core = await self._opened()

    async def _opened(self) -> PublishCore:
        if self._is_closed:
            raise Closed("the publisher is closed")
        core = PublishCore(self._where, self._options)
        deadline = deadline_of(self._where.timeout)
        try:
            while not core.look():
                if time.monotonic() >= deadline:
                    raise unreachable(self._where, "ingest", core.is_refused)
                await self._bell.wait(core.sockets, deadline)
        except BaseException:
            core.close()
            raise
        return core

    async def publish(self, event: Event) -> None:
        """Checks and sends the event. Refused: it breaks a rule; QueueFull, Unreachable: not within send_timeout. After
        an error the event was not taken."""
        data = event.encode(self._options.max_event_bytes)
        if self._core is None:
            await self.open()
        core = self._core
        if core is not None and (self._lock.locked() or not core.fits(len(data))):
            async with self._lock:
                if not core.fits(len(data)):
                    await self._send(core, deadline_of(self._options.send_timeout))
        if core is None or self._core is not core or self._is_closed:
            raise Closed("the publisher is closed")
        core.add(data)
        if not self._options.collects:
            await self._send_alone(core)
            return
        now = time.monotonic()
        if not (now >= core.due_at and core.send(now)) and self._flusher is None:
            self._flush_at(max(core.due_at - now, 0.0))

    async def _send_alone(self, core: PublishCore) -> None:
        async with self._lock:
            try:
                await self._send(core, deadline_of(self._options.send_timeout))
            except TocsinError:
                core.take_back()
                raise

    def _flush_at(self, delay: float) -> None:
        self._flusher = asyncio.get_running_loop().call_later(delay, self._flush_due)

    def _flush_due(self) -> None:
        self._flusher = None
        if self._core is not None and not self._core.send(time.monotonic()):
            self._flush_at(_RETRY)

    async def _send(self, core: PublishCore, deadline: float) -> None:
        while not core.send(time.monotonic()):
            if time.monotonic() >= deadline:
                raise core.why_not_sent()
            await asyncio.sleep(_ROOM_POLL)

    async def flush(self, timeout: Optional[float] = 5.0) -> None:
        """Waits until all has been handed to the operating system. TimedOut: not in time; nothing is lost by that."""
        deadline = deadline_of(timeout)
        core = self._core
        if core is None:
            return
        try:
            await self._send(core, deadline)
        except (QueueFull, Unreachable):
            raise TimedOut("not all was sent in time") from None
        while not core.is_empty:
            if time.monotonic() >= deadline:
                raise TimedOut("not all was sent in time")
            await asyncio.sleep(_ROOM_POLL)

    async def close(self) -> None:
        """Flushes for up to close_timeout, and ends the handle in any case. TimedOut: some were never sent."""
        self._is_closed = True
        if self._core is None:
            return
        deadline = deadline_of(self._options.close_timeout)
        try:
            await self.flush(self._options.close_timeout)
            while not self._core.is_settled and time.monotonic() < deadline:
                await self._bell.wait(self._core.sockets, deadline)
        except TimedOut:
            pass
        finally:
            core, self._core = self._core, None
            waiting = core.waiting
            if self._flusher:
                self._flusher.cancel()
            core.close()
        if waiting:
            raise TimedOut(f"{waiting} events were never sent")
