"""The handles of asyncio: the same protocol, waited for by the event loop. Each belongs to one loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional, Union

import zmq

from ._append import AppendCore, AppendOptions, Receipt
from ._base import (
    MESSAGES_A_TURN,
    AppenderKeywords,
    BaseClient,
    OnNotice,
    PublisherKeywords,
    StreamKeywords,
    SubscriberKeywords,
    WantedKeywords,
    call,
    deadline_of,
    tell,
    unreachable,
)
from ._errors import Closed, QueueFull, TimedOut, TocsinError, Unreachable
from ._event import Event
from ._live import LiveCore, LiveOptions
from ._message import End, Message, Record
from ._publish import PublishCore, PublishOptions
from ._question import Info, Latest, LatestOptions, Question, ask_info, info_of
from ._stream import StreamCore, StreamOptions
from ._where import Where

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

_WAIT_MAX = 60.0
_ROOM_POLL = 0.001
_RETRY = 0.01


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class _Bell:
    """Something that a task waits for besides sockets."""

    def __init__(self) -> None:
        self._is_rung = False
        self._future: Optional[asyncio.Future[None]] = None

    def ring(self) -> None:
        self._is_rung = True
        self.wake()

    def wake(self) -> None:
        if self._future is not None:
            _finish(self._future)

    async def wait(self, sockets: Sequence[zmq.Socket[bytes]], until: float) -> None:
        """For one of the sockets, for the bell, or until then. A socket's file descriptor tells that something happened
        since it was last asked, so it is asked behind the registration."""
        loop = asyncio.get_running_loop()
        self._future = loop.create_future()
        descriptors = [int(socket.getsockopt(zmq.FD)) for socket in sockets]
        for descriptor in descriptors:
            loop.add_reader(descriptor, self.wake)
        timer = loop.call_later(min(max(until - time.monotonic(), 0.0), _WAIT_MAX), self.wake)
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


class _AsyncHandle:
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


class AsyncPublisher(_AsyncHandle):
    """As Publisher; publish() waits only where the queue is full or the broker away."""

    def __init__(self, where: Where, options: PublishOptions) -> None:
        self._where = where
        self._options = options
        self._core: Optional[PublishCore] = None
        self._is_closed = False
        self._bell = _Bell()
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
            if time.monotonic() >= deadline and core.has_broker:
                raise QueueFull("no room in the queue")
            if time.monotonic() >= deadline:
                raise Unreachable(f"{self._where.endpoint('ingest')}: the broker is away")
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


class AsyncAppender(_AsyncHandle):
    """As Appender; a task of the loop sends."""

    def __init__(self, where: Where, options: AppendOptions) -> None:
        self._where = where
        self._options = options
        self._core: Optional[AppendCore] = None
        self._is_closed = False
        self._bell = _Bell()
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
                before = (core.first_n, core.is_welcome, core.error, len(core.refusals))
                core.step(time.monotonic())
                if before != (core.first_n, core.is_welcome, core.error, len(core.refusals)):
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
            _finish(waiter)

    async def _wait_change(self, deadline: float) -> bool:
        loop = asyncio.get_running_loop()
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.add(waiter)
        timer = loop.call_later(min(left, _WAIT_MAX), _finish, waiter)
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

    async def flush(self, timeout: Optional[float] = None) -> None:
        """Waits until all events submitted so far are settled, also those that the broker refused."""
        deadline = deadline_of(timeout)
        core = self._core
        if core is None:
            return
        last = core.next_n - 1
        while last >= core.first_n:
            if core.error:
                raise core.error
            if not await self._wait_change(deadline):
                raise TimedOut(f"{core.unsettled} events are not settled yet")

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


class _AsyncSource(_AsyncHandle):
    """`async for` gives the records. What else there is to be told (gaps, holes, a lost connection) goes to `on_notice`, or
    as a warning to the logger "tocsin"."""

    _door: str
    _make: Callable[[], Union[LiveCore, StreamCore]]

    def __init__(self, where: Where, on_notice: OnNotice) -> None:
        self._where = where
        self._on_notice = on_notice
        self._core: Any = None
        self._is_closed = False
        self._bell = _Bell()
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


async def _answer(where: Where, question: Question) -> Any:
    deadline = deadline_of(where.timeout)
    bell = _Bell()
    while (answer := question.take(time.monotonic())) is None:
        if time.monotonic() >= deadline:
            raise unreachable(where, "stream", question.is_refused)
        await bell.wait(question.sockets, deadline)
    return answer


class AsyncClient(BaseClient):
    __doc__ = BaseClient.__doc__

    def publisher(self, **options: Unpack[PublisherKeywords]) -> AsyncPublisher:
        """A publisher; opened by its first use."""
        return AsyncPublisher(self._where, PublishOptions(**options))

    def appender(self, producer: str, **options: Unpack[AppenderKeywords]) -> AsyncAppender:
        """An appender; opened by its first use. `producer` [A-Za-z0-9_.-], at most 64: who sends; one handle at a time may
        bear a name."""
        return AsyncAppender(self._where, AppendOptions(producer, **options))

    def subscribe(self, *, on_notice: OnNotice = None, **options: Unpack[SubscriberKeywords]) -> AsyncSubscriber:
        """A live subscriber; opened by its first use."""
        return AsyncSubscriber(self._where, LiveOptions(**options), on_notice)

    def stream(self, *, on_notice: OnNotice = None, **options: Unpack[StreamKeywords]) -> AsyncStream:
        """A stream; opened by its first use."""
        return AsyncStream(self._where, StreamOptions(**options), on_notice)

    async def info(self) -> Info:
        """What the broker tells of itself."""
        question = ask_info(self._where)
        try:
            return info_of(await _answer(self._where, question))
        finally:
            question.close()

    async def latest(self, **options: Unpack[WantedKeywords]) -> list[Record]:
        """The last event of every matching topic, in the order of seq."""
        latest = Latest(self._where, LatestOptions(**options))
        records: list[Record] = []
        try:
            while piece := await _answer(self._where, latest.question):
                records += latest.records_of(piece)
            return records
        finally:
            latest.question.close()
