"""The handles that block."""

from __future__ import annotations

import math
import socket as _sockets
import threading
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional, Union

import zmq

from ._append import AppendCore, AppendOptions, Receipt
from ._base import (
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

_POLL_MAX = 60.0
_ROOM_POLL = 0.001
_RETRY = 0.01


def _wait(sockets: Sequence[Any], until: float) -> None:
    """For one of the sockets, or until then."""
    timeout = min(max(until - time.monotonic(), 0.0), _POLL_MAX)
    if sockets:
        zmq.zmq_poll([(each, zmq.POLLIN) for each in sockets], math.ceil(timeout * 1000))
    else:
        time.sleep(timeout)


class _Handle:
    """Ended by close(), or by leaving `with`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        try:
            self.close()
        except TocsinError:
            if error is None:
                raise

    def close(self) -> None:
        raise NotImplementedError


class Publisher(_Handle):
    """Publishes: fire and forget. Opening waits until the broker takes events, so the first one is not lost. While the
    broker is away events wait in the handle, up to queue_bytes; then publishing waits, and fails: it never drops in
    silence. What was under way when a connection broke can be lost, for nothing is acknowledged. Several threads may use
    it at once."""

    def __init__(self, where: Where, options: PublishOptions) -> None:
        self._options = options
        self._where = where
        self._core: Optional[PublishCore] = PublishCore(where, options)
        self._condition = threading.Condition(threading.RLock())
        self._flusher: Optional[threading.Thread] = None
        deadline = deadline_of(where.timeout)
        try:
            self._wait_broker(deadline)
        except BaseException:
            self._core.close()
            raise
        if options.collects:
            self._flusher = threading.Thread(target=self._run_flusher, name="tocsin-publisher", daemon=True)
            self._flusher.start()

    def _wait_broker(self, deadline: float) -> None:
        core = self._open_core()
        while not core.look():
            if time.monotonic() >= deadline:
                raise unreachable(self._where, "ingest", core.is_refused)
            _wait(core.sockets, deadline)

    def _open_core(self) -> PublishCore:
        if self._core is None:
            raise Closed("the publisher is closed")
        return self._core

    def publish(self, event: Event) -> None:
        """Checks and sends the event. Refused: it breaks a rule; QueueFull, Unreachable: not within send_timeout. After
        an error the event was not taken."""
        data = event.encode(self._options.max_event_bytes)
        with self._condition:
            core = self._open_core()
            if not core.fits(len(data)):
                self._send(deadline_of(self._options.send_timeout))
            was_empty = not core.has_frame
            core.add(data)
            if not self._options.collects:
                self._send_alone(core)
                return
            now = time.monotonic()
            is_due = now >= core.due_at
            if not (is_due and core.send(now)) and (was_empty or is_due):
                self._condition.notify_all()

    def _send_alone(self, core: PublishCore) -> None:
        try:
            self._send(deadline_of(self._options.send_timeout))
        except TocsinError:
            core.take_back()
            raise

    def _send(self, deadline: float) -> None:
        """Hands the collected frame over, waiting for broker and room; the lock is held."""
        core = self._open_core()
        while not core.send(time.monotonic()):
            now = time.monotonic()
            if now >= deadline and core.has_broker:
                raise QueueFull("no room in the queue")
            if now >= deadline:
                raise Unreachable(f"{self._where.endpoint('ingest')}: the broker is away")
            _wait(core.sockets, min(now + _ROOM_POLL, deadline))

    def _run_flusher(self) -> None:
        """Sends collected frames when they are due; tries again a little later when there is no room."""
        with self._condition:
            while (core := self._core) is not None:
                now = time.monotonic()
                if not core.has_frame:
                    self._condition.wait()
                elif now < core.due_at:
                    self._condition.wait(core.due_at - now)
                elif not core.send(now):
                    self._condition.wait(_RETRY)

    def flush(self, timeout: Optional[float] = 5.0) -> None:
        """Waits until all has been handed to the operating system. TimedOut: not in time; nothing is lost by that."""
        deadline = deadline_of(timeout)
        with self._condition:
            core = self._open_core()
            try:
                self._send(deadline)
            except (QueueFull, Unreachable):
                raise TimedOut("not all was sent in time") from None
            while not core.is_empty:
                if time.monotonic() >= deadline:
                    raise TimedOut("not all was sent in time")
                self._condition.wait(_ROOM_POLL)

    @property
    def waiting(self) -> int:
        """Events taken and not yet handed to the operating system."""
        with self._condition:
            return self._core.waiting if self._core else 0

    def close(self) -> None:
        """Flushes for up to close_timeout, and ends the handle in any case. TimedOut: some were never sent."""
        with self._condition:
            if self._core is None:
                return
            deadline = deadline_of(self._options.close_timeout)
            try:
                self.flush(self._options.close_timeout)
                while not self._core.is_settled and time.monotonic() < deadline:
                    _wait(self._core.sockets, deadline)
            except TimedOut:
                pass
            core, self._core = self._core, None
            waiting = core.waiting
            core.close()
            self._condition.notify_all()
        if self._flusher:
            self._flusher.join()
        if waiting:
            raise TimedOut(f"{waiting} events were never sent")


class Appender(_Handle):
    """Publishes with acknowledgement: an event is settled when it is on the broker's disk. A thread sends, as many at a
    time as the broker's window allows, and sends again what was not acknowledged when a connection breaks or the broker
    restarts: each event is in the log once. Several threads may use it at once."""

    def __init__(self, where: Where, options: AppendOptions) -> None:
        self._options = options
        self._core = AppendCore(where, options)
        self._changed = threading.Condition()
        self._is_closed = False  # takes nothing any more
        self._is_closing = False  # ends its thread
        self._is_idle = False
        self._wake, self._waker = _sockets.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="tocsin-appender", daemon=True)
        self._thread.start()
        try:
            self._wait_welcome(where)
        except BaseException:
            self._end()
            raise

    def _wait_welcome(self, where: Where) -> None:
        deadline = deadline_of(where.timeout)
        with self._changed:
            while not self._core.is_welcome and not self._core.error:
                if not self._wait_change(deadline):
                    raise unreachable(where, "append", self._core.is_refused)
            if self._core.error:
                raise self._core.error

    def _wait_change(self, deadline: float) -> bool:
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        self._changed.wait(min(left, _POLL_MAX))
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._is_closing:
                    return
                before = (self._core.first_n, self._core.is_welcome, self._core.error, len(self._core.refusals))
                self._core.step(time.monotonic())
                if before != (self._core.first_n, self._core.is_welcome, self._core.error, len(self._core.refusals)):
                    self._changed.notify_all()
                due, self._core.events = self._core.events, []
                sockets, until = [self._wake, *self._core.sockets], self._core.wake_at
                self._is_idle = True
            for callback, told in due:
                call(callback, told)
            _wait(sockets, until)
            self._take_wakes()

    def _take_wakes(self) -> None:
        try:
            while self._wake.recv(4096):
                pass
        except BlockingIOError:
            pass

    def _ring(self) -> None:
        try:
            self._waker.send(b"\0")
        except BlockingIOError:
            pass  # full: it rings already

    def submit(self, event: Event) -> int:
        """Takes the event into the queue, and returns its number. Refused: it breaks a rule; QueueFull: no room within
        send_timeout; Fenced: a newer incarnation has taken over. After an error the event was not taken."""
        data = event.encode(self._options.max_event_bytes)
        with self._changed:
            self._check_open()
            if not self._core.fits(len(data)):
                self._wait_room(len(data))
            n = self._core.add(data)
            must_ring, self._is_idle = self._is_idle, False
        if must_ring:
            self._ring()
        return n

    def _wait_room(self, length: int) -> None:
        deadline = deadline_of(self._options.send_timeout)
        while not self._core.fits(length):
            if not self._wait_change(deadline):
                raise QueueFull("no room in the queue")
            self._check_open()

    def _check_open(self) -> None:
        if self._core.error:
            raise self._core.error
        if self._is_closed:
            raise Closed("the appender is closed")

    def wait(self, n: int, timeout: Optional[float] = None) -> Receipt:
        """Waits until event `n` is settled. Refused: the broker refused it, for what is not checked here; TimedOut."""
        deadline = deadline_of(timeout)
        with self._changed:
            while (receipt := self._core.outcome(n)) is None:
                if not self._wait_change(deadline):
                    raise TimedOut(f"event {n} is not settled yet")
            return receipt

    def append(self, event: Event, timeout: Optional[float] = None) -> Receipt:
        """submit and wait: the event is on the broker's disk."""
        return self.wait(self.submit(event), timeout)

    def flush(self, timeout: Optional[float] = None) -> Receipt:
        """Waits until all events submitted so far are settled, also those that the broker refused."""
        deadline = deadline_of(timeout)
        with self._changed:
            last = self._core.next_n - 1
            while last >= self._core.first_n:
                if self._core.error:
                    raise self._core.error
                if not self._wait_change(deadline):
                    raise TimedOut(f"{self._core.unsettled} events are not settled yet")
            return self._core.receipt

    @property
    def unsettled(self) -> int:
        """Events taken and not acknowledged yet."""
        with self._changed:
            return self._core.unsettled

    @property
    def sessions(self) -> int:
        """With the broker so far: one, and one for each break."""
        return self._core.sessions

    def close(self) -> None:
        """Waits for what is not settled for up to close_timeout, and ends the handle in any case. TimedOut: some may be
        lost; Fenced."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self.flush(self._options.close_timeout)
        finally:
            self._end()

    def _end(self) -> None:
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._ring()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._core.close()
        self._wake.close()
        self._waker.close()


class _Source(_Handle):
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
            _wait(self._core.sockets, min(self._core.wake_at, deadline))

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
                _wait(self._core.sockets, min(self._core.wake_at, deadline))
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
                _wait(self._core.sockets, min(self._core.wake_at, deadline))
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


def _answer(where: Where, question: Question) -> Any:
    deadline = deadline_of(where.timeout)
    while (answer := question.take(time.monotonic())) is None:
        if time.monotonic() >= deadline:
            raise unreachable(where, "stream", question.is_refused)
        _wait(question.sockets, deadline)
    return answer


class Client(BaseClient):
    __doc__ = BaseClient.__doc__

    def publisher(self, **options: Unpack[PublisherKeywords]) -> Publisher:
        """A publisher, when the broker takes its events."""
        return Publisher(self._where, PublishOptions(**options))

    def appender(self, producer: str, **options: Unpack[AppenderKeywords]) -> Appender:
        """An appender, when the broker has welcomed it. `producer` [A-Za-z0-9_.-], at most 64: who sends; one handle at a
        time may bear a name."""
        return Appender(self._where, AppendOptions(producer, **options))

    def subscribe(self, *, on_notice: OnNotice = None, **options: Unpack[SubscriberKeywords]) -> Subscriber:
        """A live subscriber, when the broker has confirmed its filters."""
        return Subscriber(self._where, LiveOptions(**options), on_notice)

    def stream(self, *, on_notice: OnNotice = None, **options: Unpack[StreamKeywords]) -> Stream:
        """A stream, when the broker has opened it."""
        return Stream(self._where, StreamOptions(**options), on_notice)

    def info(self) -> Info:
        """What the broker tells of itself."""
        question = ask_info(self._where)
        try:
            return info_of(_answer(self._where, question))
        finally:
            question.close()

    def latest(self, **options: Unpack[WantedKeywords]) -> list[Record]:
        """The last event of every matching topic, in the order of seq."""
        latest = Latest(self._where, LatestOptions(**options))
        records: list[Record] = []
        try:
            while piece := _answer(self._where, latest.question):
                records += latest.records_of(piece)
            return records
        finally:
            latest.question.close()
