"""Acknowledged, by the event loop."""

from __future__ import annotations

import asyncio
import time
from typing import Optional

from .._append import AppendCore, AppendOptions, Receipt
from .._base import call, deadline_of, unreachable
from .._errors import Closed, QueueFull, TimedOut
from .._event import Event
from .._where import Where
from ._handle import WAIT_MAX, AsyncHandle, Bell, finish


class AsyncAppender(AsyncHandle):
    """As Appender; a task of the loop sends."""

    def __init__(self, where: Where, options: AppendOptions) -> None:
        self._where = where
        self._options = options
        self._core: Optional[AppendCore] = None
        self._is_closed = False
        self._bell = Bell()
        self._waiters: set[asyncio.Future[None]] = set()
        self._task: Optional[asyncio.Task[None]] = None
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Waits until the broker has said welcome."""
        async with self._lock:
            if self._core is None:
                await self._open()

    async def _open(self) -> None:
        if self._is_closed:
            raise Closed("the appender is closed")
        core = self._core = AppendCore(self._where, self._options)
        self._task = asyncio.get_running_loop().create_task(self._run(core))
        deadline = deadline_of(self._where.timeout)
        try:
            while not core.is_welcome and not core.error:
                if not await self._wait_change(deadline):
                    raise unreachable(self._where, "append", core.is_refused)
            if core.error:
                raise core.error
        except BaseException:
            await self._end()
            raise

    async def _run(self, core: AppendCore) -> None:
        try:
            while True:
                if core.step(time.monotonic()):
                    self._tell_change()
                due, core.events = core.events, []
                for callback, told in due:
                    call(callback, told)
                await self._bell.wait(core.sockets, core.wake_at)
        finally:
            self._tell_change()

    def _tell_change(self) -> None:
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            finish(waiter)

    async def _wait_change(self, deadline: float) -> bool:
        loop = asyncio.get_running_loop()
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.add(waiter)
        timer = loop.call_later(min(left, WAIT_MAX), finish, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiters.discard(waiter)
        return True

    async def submit(self, event: Event) -> int:
        """Takes the event into the queue, and returns its number; waits only for room. Errors as of Appender.submit."""
        data = event.encode(self._options.max_event_bytes)
        if self._core is None:
            await self.open()
        core = self._check_open()
        if not core.fits(len(data)):
            deadline = deadline_of(self._options.send_timeout)
            while not core.fits(len(data)):
                if not await self._wait_change(deadline):
                    raise QueueFull("no room in the queue")
                self._check_open()
        n = core.add(data)
        self._bell.ring()
        return n

    def _check_open(self) -> AppendCore:
        if self._core is None or self._is_closed:
            raise Closed("the appender is closed")
        if self._core.error:
            raise self._core.error
        return self._core

    async def wait(self, n: int, timeout: Optional[float] = None) -> Receipt:
        """Waits until event `n` is settled. Refused: the broker refused it, for what is not checked here; TimedOut."""
        deadline = deadline_of(timeout)
        core = self._core
        if core is None:
            raise Closed("the appender is closed")
        while (receipt := core.outcome(n)) is None:
            if not await self._wait_change(deadline):
                raise TimedOut(f"event {n} is not settled yet")
        return receipt

    async def append(self, event: Event, timeout: Optional[float] = None) -> Receipt:
        """submit and wait: the event is on the broker's disk."""
        return await self.wait(await self.submit(event), timeout)

    async def flush(self, timeout: Optional[float] = None) -> Receipt:
        """Waits until all events submitted so far are settled, also those that the broker refused."""
        deadline = deadline_of(timeout)
        core = self._core
        if core is None:
            return Receipt(0, 0, "")
        last = core.next_n - 1
        while last >= core.first_n:
            if core.error:
                raise core.error
            if not await self._wait_change(deadline):
                raise TimedOut(f"{core.unsettled} events are not settled yet")
        return core.receipt

    @property
    def unsettled(self) -> int:
        """Events taken and not acknowledged yet."""
        return self._core.unsettled if self._core else 0

    @property
    def sessions(self) -> int:
        """With the broker so far: one, and one for each break."""
        return self._core.sessions if self._core else 0

    async def close(self) -> None:
        """Waits for what is not settled for up to close_timeout, and ends the handle in any case. TimedOut: some may be
        lost; Fenced."""
        self._is_closed = True
        try:
            await self.flush(self._options.close_timeout)
        finally:
            await self._end()

    async def _end(self) -> None:
        core, self._core = self._core, None
        task, self._task = self._task, None
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if core:
            core.close()
