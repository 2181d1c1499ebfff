"""What a subscriber and a stream tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Optional, Union

from . import _msgpack
from ._errors import ProtocolError
from ._event import Event, is_good
from ._time import moment_of_us


@dataclass
class Record:
    """An event with its place in the broker's log: `prev` is the seq of the record before it on its topic (0: none or
    unknown), `received_us` the broker's clock in microseconds since 1970 UTC."""

    seq: int
    prev: int
    received_us: int
    event: Event

    @property
    def topic(self) -> str:
        return self.event.topic

    @property
    def received(self) -> datetime:
        """When the broker had it."""
        return moment_of_us(self.received_us)


@dataclass(frozen=True)
class Gap:
    """Live only: events that you wanted were lost on the way; they are in the broker's log, within first … last. Where
    everything is subscribed `at_least` is exactly how many; else it is of `topic`, and at least so many."""

    first: int
    last: int
    at_least: int
    topic: Optional[str] = None


@dataclass(frozen=True)
class Hole:
    """Stream only: the broker's log does not hold first … last any more."""

    first: int
    last: int


@dataclass(frozen=True)
class ConnectionLost:
    """The connection is lost; the library goes on trying."""


@dataclass(frozen=True)
class ConnectionRestored:
    """It is back."""

    head: int
    log_id: str


@dataclass(frozen=True)
class LogReset:
    """The broker's log is another one, or went back: seq counts anew from `head`."""

    head: int
    log_id: str


@dataclass(frozen=True)
class End:
    """Stream only: all through `last` was told, and no more was asked for."""

    last: int


Notice = Union[Gap, Hole, ConnectionLost, ConnectionRestored, LogReset, End]
Message = Union[Record, Notice]


def record_of(item: Any) -> Record:
    """A record as msgpack has read it. The broker is believed as little as anyone."""
    if type(item) is not list or len(item) != 4:
        raise ProtocolError("what should be a record is none")
    seq, prev, received_us, members = item
    if not (type(seq) is int and type(prev) is int and type(received_us) is int and 0 <= prev < seq and received_us >= 0):
        raise ProtocolError("what should be a record is none")
    if not is_good(members):
        raise ProtocolError(f"the event of record {seq} is none")
    return Record(seq, prev, received_us, Event._of(members))


def records_of(data: bytes) -> Iterator[Record]:
    """The records that stand back to back."""
    try:
        items = _msgpack.unpack_all(data)
    except _msgpack.ERRORS as error:
        raise ProtocolError(f"no MessagePack: {error}") from None
    for item in items:
        yield record_of(item)


def unpack(data: bytes) -> list[Any]:
    """A message of append or stream: an array that begins with a verb."""
    try:
        message = _msgpack.unpack(data)
    except _msgpack.ERRORS as error:
        raise ProtocolError(f"no MessagePack: {error}") from None
    if type(message) is not list or not message or type(message[0]) is not str:
        raise ProtocolError("no message")
    return message


def is_log_id(text: Any) -> bool:
    return type(text) is str and len(text) == 32 and not text.strip("0123456789abcdef")


def is_uint(value: Any) -> bool:
    return type(value) is int and value >= 0
