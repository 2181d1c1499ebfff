"""Questions at the stream door, each with a socket of its own: what the broker tells of itself, and the last event of
every topic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Optional, Union

import zmq

from . import _msgpack, _socket
from ._errors import Denied, ProtocolError, Unreachable
from ._event import Level
from ._filter import Filters, Wanted
from ._message import Record, record_of, unpack
from ._rules import EVENT_BYTES_MAX
from ._stream import MESSAGE_ROOM
from ._stream_options import prefixes_for_broker
from ._where import Where


@dataclass
class Info:
    """What the broker tells of itself: `first` is the first seq that its log holds, `head` the last one, `durable` the
    last one that is on the disk."""

    version: str
    log_id: str
    first: int
    head: int
    durable: int
    uptime_s: int
    sessions: int
    counters: dict[str, int]
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class LatestOptions:
    filters: Filters = ()
    exclude: Filters = ()
    level: Union[Level, str] = Level.TRACE
    types: Iterable[str] = ()
    max_event_bytes: int = EVENT_BYTES_MAX


class Question:
    """Asks at once; `take` gives the next answer, None where there is none now."""

    def __init__(self, where: Where, verb: str, message: list[Any], max_event_bytes: int = EVENT_BYTES_MAX) -> None:
        self._verb = verb
        self._context = _socket.acquire(where.context)
        self._dealer = _socket.Dealer(self._context, where, "stream", max_event_bytes + MESSAGE_ROOM)
        self._dealer.send(_msgpack.pack(message))
        self.wake_at = float("inf")

    @property
    def sockets(self) -> list[zmq.Socket[bytes]]:
        return [self._dealer.socket]

    @property
    def is_refused(self) -> bool:
        """Whether the broker turned the connection itself away."""
        self._dealer.watch.look()
        return self._dealer.watch.is_refused

    def take(self, now: float) -> Optional[Any]:
        while (data := self._dealer.receive()) is not None:
            message = unpack(data)
            if message[0] == "error" and len(message) == 3:
                if message[1] in ("busy", "unavailable"):
                    raise Unreachable(f"the broker says: {message[2]}")
                raise (Denied if message[1] == "denied" else ProtocolError)(f"the broker says: {message[2]}")
            if message[0] == self._verb and len(message) == 2:
                return message[1]
        return None

    def close(self) -> None:
        self._dealer.close()
        _socket.release(self._context)


def ask_info(where: Where) -> Question:
    return Question(where, "info", ["info"])


def info_of(answer: Any) -> Info:
    if type(answer) is not dict:
        raise ProtocolError("info that is no map")
    members = dict(answer)
    try:
        known = {name: members.pop(name) for name in Info.__dataclass_fields__ if name != "more"}
    except KeyError as error:
        raise ProtocolError(f"info without {error}") from None
    return Info(**known, more=members)


class Latest:
    """The question for the last event of every topic; `pieces` are taken until one is empty."""

    def __init__(self, where: Where, options: LatestOptions) -> None:
        self._wanted = Wanted(options.filters, options.exclude, options.types, Level.of(options.level))
        message: list[Any] = ["latest", prefixes_for_broker(self._wanted)]
        self.question = Question(where, "latest", message, options.max_event_bytes)

    def records_of(self, piece: Any) -> list[Record]:
        if type(piece) is not list:
            raise ProtocolError("no records")
        records = [record_of(item) for item in piece]
        return [each for each in records if self._wanted.takes(each.topic, each.event.type, each.event.level)]
