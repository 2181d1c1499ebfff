"""An appender's protocol, without any waiting: a queue of unsettled events and a session that sends them.

A session has a socket of its own: hello, welcome, then puts while the window has room, until something breaks; a pause,
and the next session. What is unsettled is sent again; the broker knows what it has."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Any, Callable, NamedTuple, Optional

import zmq

from . import _msgpack, _socket
from ._errors import Denied, Fenced, ProtocolError, Refused, TocsinError
from ._message import is_uint, unpack
from ._rules import EVENT_BYTES_MAX, PRODUCER_MAX, is_token
from ._where import Where

_ANSWER_BYTES_MAX = 65536
_PUT_BYTES_MAX = 262144
_PUT_EVENTS_MAX = 1024
_WELCOME = 3.0
_ASK_AFTER = 3.0  # of silence
_GONE_AFTER = 8.0
_PAUSE_MIN = 0.02
_PAUSE_MAX = 1.0
_REFUSALS_MAX = 10000  # remembered for who asks later
_FINAL = {"fenced": Fenced, "denied": Denied, "version": ProtocolError}


class Receipt(NamedTuple):
    """All events through `n` are settled. `seq` and `hash` are the place in the broker's log of the last one of them that
    was logged; 0 and "" where the broker no longer knows."""

    n: int
    seq: int
    hash: str


class Rejection(NamedTuple):
    """The broker refused event `n`."""

    n: int
    code: str
    field: str
    text: str


@dataclass
class AppendOptions:
    producer: str
    incarnation: Optional[int] = None
    send_timeout: Optional[float] = 5.0
    close_timeout: Optional[float] = 5.0
    queue_bytes: int = 16 << 20
    max_event_bytes: int = EVENT_BYTES_MAX
    on_settled: Optional[Callable[[Receipt], None]] = None
    on_refused: Optional[Callable[[Rejection], None]] = None


class _SessionOver(Exception):
    pass


class AppendCore:
    def __init__(self, where: Where, options: AppendOptions) -> None:
        if not (isinstance(options.producer, str) and is_token(options.producer)) or len(options.producer) > PRODUCER_MAX:
            raise ValueError(f"no producer's name: {options.producer!r}")
        self.options = options
        self._where = where
        self._incarnation = options.incarnation or time.time_ns() // 1000
        self._queue: deque[bytes] = deque()  # the first is first_n
        self._queue_bytes = 0
        self.first_n = self.next_n = 1
        self._sent_n = 0
        self._window = 0
        self._dealer: Optional[_socket.Dealer] = None
        self._retry_at = 0.0
        self._pause = _PAUSE_MIN
        self._heard_at = self._asked_at = 0.0
        self.is_welcome = False
        self.error: Optional[TocsinError] = None
        self.receipt = Receipt(0, 0, "")
        self.refusals: dict[int, Rejection] = {}
        self.sessions = 0
        self.appended = 0
        self.wake_at = 0.0
        self.events: list[tuple[Callable[[Any], None], Any]] = []  # callbacks that are due
        self._context = _socket.acquire(where.context)

    @property
    def sockets(self) -> list[zmq.Socket[bytes]]:
        return self._dealer.sockets if self._dealer else []

    @property
    def is_refused(self) -> bool:
        """Whether the broker turned the connection itself away."""
        return self._dealer is not None and self._dealer.watch.is_refused

    def fits(self, length: int) -> bool:
        """Room in the queue; one event has, whatever its length, when nothing else is there."""
        return not self._queue or self._queue_bytes + length <= self.options.queue_bytes

    def add(self, event: bytes) -> int:
        """Takes an event; returns its number."""
        self._queue.append(event)
        self._queue_bytes += len(event)
        self.next_n += 1
        self.appended += 1
        return self.next_n - 1

    @property
    def has_to_send(self) -> bool:
        return self._window > 0 and self._sent_n + 1 < self.next_n and self._sent_n + 1 - self.first_n < self._window

    def step(self, now: float) -> bool:
        """Does all that can be done now. Whether it is news for who waits."""
        before = self._news
        self._step(now)
        return before != self._news

    @property
    def _news(self) -> tuple[Any, ...]:
        return self.first_n, self.is_welcome, self.error, len(self.refusals)

    def _step(self, now: float) -> None:
        if self.error or (self._dealer is None and now < self._retry_at):
            self.wake_at = self._retry_at if not self.error else now + 60
            return
        try:
            if self._dealer is None:
                self._begin(now)
            self._take_messages(now)
            self._send_puts()
            self._keep_alive(now)
            self.wake_at = now + 0.5
        except (_SessionOver, ProtocolError, zmq.ZMQError):
            self._end_session(now)

    def _begin(self, now: float) -> None:
        self._heard_at = self._asked_at = now
        self._window = 0
        self._dealer = _socket.Dealer(self._context, self._where, "append", _ANSWER_BYTES_MAX)
        self._dealer.send(_msgpack.pack(["hello", 1, self.options.producer, self._incarnation]))

    def _end_session(self, now: float) -> None:
        self._pause = _PAUSE_MIN if self._window else min(2 * self._pause, _PAUSE_MAX)
        self._window = 0
        self._disconnect()
        self._retry_at = self.wake_at = now + self._pause

    def _take_messages(self, now: float) -> None:
        assert self._dealer
        while (data := self._dealer.receive()) is not None:
            self._heard_at = now
            message = unpack(data)
            take = _VERBS.get(message[0])
            if take is None:
                raise _SessionOver
            take(self, message)

    def _take_welcome(self, message: list[Any]) -> None:
        if len(message) != 5 or message[1] != 1 or not is_uint(message[3]) or not is_uint(message[4]) or not message[4]:
            raise _SessionOver
        last_n, self._window = message[3], message[4]
        if not self.is_welcome:
            # what was taken before counts from here
            self.first_n, self.next_n = last_n + 1, last_n + 1 + len(self._queue)
        elif last_n >= self.next_n:
            raise self._fail(Fenced("another process sends as this producer"))
        self.is_welcome = True
        self.sessions += 1
        self._settle(Receipt(last_n, 0, ""))
        self._sent_n = self.first_n - 1

    def _take_ack(self, message: list[Any]) -> None:
        if len(message) != 4 or not is_uint(message[1]) or not is_uint(message[2]) or message[1] > self._sent_n:
            raise _SessionOver
        receipt = Receipt(message[1], message[2], str(message[3]))
        self._settle(receipt)
        if self.options.on_settled:
            self.events.append((self.options.on_settled, receipt))

    def _take_nack(self, message: list[Any]) -> None:
        if len(message) != 5 or not is_uint(message[1]) or not all(type(text) is str for text in message[2:]):
            raise _SessionOver
        rejection = Rejection(*message[1:])
        self.refusals[rejection.n] = rejection
        if len(self.refusals) > _REFUSALS_MAX:
            del self.refusals[next(iter(self.refusals))]
        if self.options.on_refused:
            self.events.append((self.options.on_refused, rejection))

    def _take_error(self, message: list[Any]) -> None:
        kind = _FINAL.get(message[1]) if len(message) == 3 and type(message[1]) is str else None
        if kind:
            raise self._fail(kind(f"the broker says: {message[2]}"))
        raise _SessionOver

    def _take_ping(self, message: list[Any]) -> None:
        if message[0] == "ping" and self._dealer:
            self._dealer.send(_msgpack.pack(["pong"]))

    def _fail(self, error: TocsinError) -> _SessionOver:
        self.error = error
        return _SessionOver()

    def _settle(self, receipt: Receipt) -> None:
        while self.first_n <= receipt.n and self._queue:
            self._queue_bytes -= len(self._queue.popleft())
            self.first_n += 1
        if receipt.n > self.receipt.n:
            self.receipt = receipt

    def _send_puts(self) -> None:
        while self.has_to_send:
            events: list[bytes] = []
            length = 0
            first = self._sent_n + 1
            room = min(_PUT_EVENTS_MAX, self._window - (first - self.first_n), self.next_n - first)
            start = first - self.first_n
            for event in islice(self._queue, start, start + room):
                if events and length + len(event) > _PUT_BYTES_MAX:
                    break
                events.append(event)
                length += len(event)
            self._send_put(first, events)
            self._sent_n += len(events)

    def _send_put(self, first: int, events: list[bytes]) -> None:
        assert self._dealer
        head = b"\x93" + _msgpack.pack("put") + _msgpack.pack(first) + _msgpack.array_head(len(events))
        self._dealer.send(head + b"".join(events))

    def _keep_alive(self, now: float) -> None:
        assert self._dealer
        if self._dealer.watch.look() > 1:
            raise _SessionOver
        silent = now - self._heard_at
        if silent >= (_GONE_AFTER if self._window else _WELCOME):
            raise _SessionOver
        if self._window and silent >= _ASK_AFTER and now - self._asked_at >= _ASK_AFTER:
            self._asked_at = now
            self._dealer.send(_msgpack.pack(["ping"]))

    def outcome(self, n: int) -> Optional[Receipt]:
        """The receipt where event `n` is settled, None where it is not; Refused where the broker refused it."""
        if not 0 < n < self.next_n:
            raise ValueError(f"no event has the number {n}")
        if n in self.refusals:
            refusal = self.refusals[n]
            raise Refused(refusal.code, refusal.field, refusal.text)
        if n < self.first_n:
            return self.receipt
        if self.error:
            raise self.error
        return None

    @property
    def unsettled(self) -> int:
        return len(self._queue)

    def _disconnect(self) -> None:
        if self._dealer:
            self._dealer.close()
        self._dealer = None

    def close(self) -> None:
        self._disconnect()
        _socket.release(self._context)


_VERBS: dict[str, Callable[[AppendCore, list[Any]], None]] = {
    "welcome": AppendCore._take_welcome,
    "ack": AppendCore._take_ack,
    "nack": AppendCore._take_nack,
    "error": AppendCore._take_error,
    "ping": AppendCore._take_ping,
    "pong": AppendCore._take_ping,
}
