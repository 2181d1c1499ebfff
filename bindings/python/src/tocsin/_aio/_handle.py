"""What all handles of asyncio have in common."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Optional

import zmq

from .._errors import TocsinError

if TYPE_CHECKING:
    from typing_extensions import Self

WAIT_MAX = 60.0


def finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Bell:
    """Something that a task waits for besides sockets."""

    def __init__(self) -> None:
        self._is_rung = False
        self._future: Optional[asyncio.Future[None]] = None

    def ring(self) -> None:
        self._is_rung = True
        self.wake()

    def wake(self) -> None:
        if self._future is not None:
            finish(self._future)

    async def wait(self, sockets: Sequence[zmq.Socket[bytes]], until: float) -> None:
        """For one of the sockets, for the bell, or until then. A socket's file descriptor tells that something happened
        since it was last asked, so it is asked behind the registration."""
        loop = asyncio.get_running_loop()
        self._future = loop.create_future()
        descriptors = [int(socket.getsockopt(zmq.FD)) for socket in sockets]
        for descriptor in descriptors:
            loop.add_reader(descriptor, self.wake)
        timer = loop.call_later(min(max(until - time.monotonic(), 0.0), WAIT_MAX), self.wake)
        try:
            is_ready = any(int(socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN for socket in sockets)
            if not (self._is_rung or is_ready):
                await self._future
        finally:
            self._is_rung = False
            self._future = None
            timer.cancel()
            for descriptor in descriptors:
                loop.remove_reader(descriptor)


class AsyncHandle:
    """Opened by `async with`, by open(), or by its first use; ended by close()."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        try:
            await self.close()
        except TocsinError:
            if error is None:
                raise

    async def open(self) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError
