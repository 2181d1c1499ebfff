"""A publisher's protocol, without any waiting.

An XPUB socket, for it hears the subscription that the broker sends, and what is sent before that would be dropped. The
socket has no high water mark, at which it would drop in silence, too: each frame is lent to libzmq, and what is not given
back yet is what waits. Events in quick succession are collected into one frame."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Optional

import zmq

from . import _socket
from ._errors import QueueFull, TocsinError, Unreachable
from ._rules import EVENT_BYTES_MAX
from ._where import Where

FRAME_MAX = 65536
FRAME_WAIT = 0.0001  # of the millisecond that the protocol allows
_UPSTREAM_BYTES_MAX = 1024  # a subscription; the broker has nothing else to say
_LINGER_MS = 5000


@dataclass
class PublishOptions:
    send_timeout: Optional[float] = 5.0
    close_timeout: Optional[float] = 5.0
    queue_bytes: int = 16 << 20
    max_event_bytes: int = EVENT_BYTES_MAX
    collects: bool = True


class PublishCore:
    def __init__(self, where: Where, options: PublishOptions) -> None:
        self.options = options
        self._where = where
        self._context = _socket.acquire(where.context)
        self._socket = _socket.open_socket(self._context, zmq.XPUB, where, "ingest", _UPSTREAM_BYTES_MAX)
        self._socket.setsockopt(zmq.XPUB_VERBOSE, 1)  # also a subscription that it has already, on a new connection
        self._socket.copy_threshold = 0
        self.watch = _socket.Watch(self._socket)
        _socket.connect(self._socket, where.endpoint("ingest"))
        self.has_broker = False
        self._subscriptions = 0
        self._events: list[bytes] = []
        self._length = 0
        self._sent_at = 0.0
        self._lent: deque[tuple[zmq.MessageTracker, int, int]] = deque()  # with its bytes and events
        self._lent_bytes = 0
        self.taken = 0
        self.frames = 0

    @property
    def sockets(self) -> list[zmq.Socket[bytes]]:
        return [self._socket]

    @property
    def is_refused(self) -> bool:
        """Whether the broker turned the connection itself away."""
        self.watch.look()
        return self.watch.is_refused

    def look(self) -> bool:
        """Takes what the broker says: 1 subscribes, 0 takes it back. Whether it is there."""
        while True:
            try:
                message = self._socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                return self.has_broker
            if len(message) == 1:
                self.has_broker = message == b"\1"
                self._subscriptions += message == b"\1"

    @property
    def is_settled(self) -> bool:
        """A connection that is closed before its subscription has been read is reset, and what was sent on it may be lost
        with it."""
        self.look()
        return self._subscriptions >= self.watch.look()

    def fits(self, length: int) -> bool:
        return not self._events or (self.options.collects and self._length + length <= FRAME_MAX)

    def add(self, event: bytes) -> None:
        """Collects an event that fits."""
        self._events.append(event)
        self._length += len(event)
        self.taken += 1

    def take_back(self) -> None:
        """The event that was added last is not taken after all."""
        self._length -= len(self._events.pop())
        self.taken -= 1

    @property
    def has_frame(self) -> bool:
        return bool(self._events)

    @property
    def due_at(self) -> float:
        """When the frame is to be sent: a moment after the last one, which for a lone event has passed already."""
        return self._sent_at + FRAME_WAIT if self.options.collects else 0.0

    def send(self, now: float) -> bool:
        """Lends the frame to libzmq; False where there is no broker or no room."""
        if not self._events:
            return True
        if not self.look() or not self._has_room():
            return False
        frame = b"".join(self._events)
        tracker = self._socket.send(frame, zmq.NOBLOCK, copy=False, track=True)
        self._lent.append((tracker, len(frame), len(self._events)))
        self._lent_bytes += len(frame)
        self._events, self._length = [], 0
        self._sent_at = now
        self.frames += 1
        return True

    def why_not_sent(self) -> TocsinError:
        """For who has waited for it as long as he may."""
        if self.has_broker:
            return QueueFull("no room in the queue")
        return Unreachable(f"{self._where.endpoint('ingest')}: the broker is away")

    def _has_room(self) -> bool:
        return self.is_empty or self._lent_bytes + self._length <= self.options.queue_bytes

    @property
    def is_empty(self) -> bool:
        """Whether all that was lent has been handed to the operating system."""
        while self._lent and self._lent[0][0].done:
            self._lent_bytes -= self._lent.popleft()[1]
        return not self._lent

    @property
    def waiting(self) -> int:
        """Events taken and not yet handed to the operating system."""
        return 0 if self.is_empty and not self._events else len(self._events) + sum(lent[2] for lent in self._lent)

    def close(self) -> None:
        is_left = self.waiting == 0
        self.watch.close()
        # what was handed to the operating system may be in libzmq's last write still
        self._socket.close(_LINGER_MS if is_left else 0)
        _socket.release(self._context)
