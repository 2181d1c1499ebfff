"""A subscriber's protocol, without any waiting: who uses it waits for `sockets` until `wake_at` and asks again.

All filters are subscribed before connecting, and the heartbeat's topic behind them; the broker gets subscriptions in that
order, so the first heartbeat proves that all are in force. What came before it is passed over, for counting begins
there. A broker that is silent for too long gets a new connection, which also gets rid of one that only looks alive."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional, Union

import zmq

from . import _msgpack, _socket
from ._errors import ProtocolError
from ._event import Level
from ._filter import Filters, Wanted
from ._gap import GapTracker, Lost, Verdict
from ._message import (
    ConnectionLost,
    ConnectionRestored,
    Gap,
    LogReset,
    Message,
    is_uint,
    records_of,
)
from ._rules import EVENT_BYTES_MAX, TOPIC_MAX
from ._where import Where

_HEARTBEAT = b"~\0"
_FRAME_ROOM = 65536 + 4096  # a frame is longer than its longest event by less
_FRAMES_A_LOOK = 64  # taken between two looks of others
_RETRY = 0.1


@dataclass
class LiveOptions:
    filters: Filters = ()
    exclude: Filters = ()
    level: Union[Level, str] = Level.TRACE
    types: Iterable[str] = ()
    heartbeat_timeout: float = 5.0
    queue_frames: int = 100000
    max_topics: int = 65536
    max_event_bytes: int = EVENT_BYTES_MAX


class LiveCore:
    def __init__(self, where: Where, options: LiveOptions) -> None:
        self._where = where
        self._options = options
        self._wanted = Wanted(options.filters, options.exclude, options.types, Level.of(options.level))
        self._gaps = GapTracker(self._wanted.is_everything, options.max_topics)
        self._told: deque[Union[Message, ProtocolError]] = deque()
        self._heard_at: Optional[float] = None
        self._socket: Optional[zmq.Socket[bytes]] = None
        self._watch: Optional[_socket.Watch] = None
        self._is_lost = False
        self.is_confirmed = False
        self.head = 0
        self.log_id = ""
        self.wake_at = 0.0
        self._context = _socket.acquire(where.context)

    @property
    def sockets(self) -> list[zmq.Socket[bytes]]:
        return [self._socket] if self._socket else []

    @property
    def is_refused(self) -> bool:
        """Whether the broker turned the connection itself away."""
        if self._watch:
            self._watch.look()
        return self._watch is not None and self._watch.is_refused

    def take(self, now: float) -> Optional[Message]:
        """What comes next, None where nothing is there now. ProtocolError: a message that is none was passed over."""
        while not self._told:
            if not self.look(now):
                return None
        told = self._told.popleft()
        if isinstance(told, ProtocolError):
            raise told
        return told

    def look(self, now: float) -> bool:
        """Takes a few frames, or looks after the connection. False: there is nothing to do before `wake_at`."""
        if self._socket is None and not self._connect(now):
            return False
        for _ in range(_FRAMES_A_LOOK):
            frames = self._receive()
            if frames is None:
                return self._wait_or_renew(now)
            self._heard_at = None
            try:
                if len(frames) != 1:
                    raise ProtocolError("a message of several frames")
                self._take_frame(frames[0])
            except ProtocolError as error:
                self._told.append(error)
            if self._told or not self.is_confirmed:
                break
        return True

    def _receive(self) -> Optional[list[bytes]]:
        try:
            return self._socket.recv_multipart(zmq.NOBLOCK) if self._socket else None
        except zmq.Again:
            return None

    def _connect(self, now: float) -> bool:
        options = self._options
        try:
            socket = _socket.open_socket(
                self._context, zmq.SUB, self._where, "live", options.max_event_bytes + _FRAME_ROOM
            )
        except zmq.ZMQError:  # out of files
            self.wake_at = now + _RETRY
            return False
        socket.setsockopt(zmq.RCVHWM, options.queue_frames)
        for prefix in [*(self._wanted.prefixes() or [b""]), _HEARTBEAT]:
            socket.setsockopt(zmq.SUBSCRIBE, prefix)
        self._watch = _socket.Watch(socket)
        _socket.connect(socket, self._where.endpoint("live"))
        self._socket = socket
        self._heard_at = now
        return True

    def _wait_or_renew(self, now: float) -> bool:
        if self._heard_at is None:
            self._heard_at = now
        self.wake_at = self._heard_at + self._options.heartbeat_timeout
        if now < self.wake_at:
            return False
        if self.is_confirmed and not self._is_lost:
            self._told.append(ConnectionLost())
        self._is_lost = self.is_confirmed
        self._disconnect()
        self._connect(now)
        return True

    def _take_frame(self, frame: bytes) -> None:
        end = frame.find(b"\0", 0, TOPIC_MAX)
        if end <= 0:
            raise ProtocolError("a frame without a topic")
        if frame.startswith(b"~"):
            if end == 1:
                self._take_heartbeat(frame[2:])
            return
        try:
            topic = frame[:end].decode()
        except UnicodeDecodeError:
            raise ProtocolError("a topic that is no UTF-8") from None
        if self._wanted.takes_topic(topic):
            self._take_records(topic, frame[end + 1 :])

    def _take_heartbeat(self, body: bytes) -> None:
        try:
            beat = _msgpack.unpack(body)
        except _msgpack.ERRORS:
            beat = None
        if not (type(beat) is list and len(beat) == 4 and beat[0] == 1 and is_uint(beat[1]) and type(beat[2]) is str):
            raise ProtocolError("no heartbeat of version 1")
        head, log_id = beat[1], beat[2]
        verdict: Verdict = None
        if self.is_confirmed and log_id == self.log_id:
            verdict = self._gaps.on_head(head)
        else:
            self._gaps.begin(head)
            verdict = "went back" if self.is_confirmed else None
        self.head, self.log_id = head, log_id
        if self._is_lost:
            self._told.append(ConnectionRestored(head, log_id))
        self._note(verdict, None)
        self._is_lost = False
        self.is_confirmed = True

    def _note(self, verdict: Verdict, topic: Optional[str]) -> None:
        if isinstance(verdict, Lost):
            self._told.append(Gap(verdict.first, verdict.last, verdict.at_least, None if verdict.is_exact else topic))
        elif verdict:
            self._told.append(LogReset(self.head, self.log_id))

    def _take_records(self, topic: str, body: bytes) -> None:
        wanted = self._wanted
        for record in records_of(body):
            event = record.event
            if event.topic != topic:
                raise ProtocolError("a record of another topic than its frame's")
            if not self.is_confirmed:
                continue
            verdict = self._gaps.on_record(topic, record.seq, record.prev)
            self.head = record.seq
            if verdict:
                self._note(verdict, topic)
            if wanted.takes(topic, event.type, event.level):
                self._told.append(record)

    def _disconnect(self) -> None:
        if self._watch:
            self._watch.close()
        if self._socket:
            self._socket.close(0)
        self._watch = self._socket = None

    def close(self) -> None:
        self._disconnect()
        self._told.clear()
        _socket.release(self._context)
