"""An event: composed, checked, as bytes and back."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Optional, Union

from . import _msgpack
from ._errors import Refused
from ._rules import (
    CATEGORY_MAX,
    CAUSE_MAX,
    DEPTH_MAX,
    EVENT_BYTES_MAX,
    LEVEL_WORDS,
    SOURCE_ID_MAX,
    SUMMARY_MAX,
    TYPE_MAX,
    fits,
    has_control,
    is_token,
)
from ._time import is_time, time_text
from ._wire import judge


class Level(enum.IntEnum):
    """Severity, rising."""

    TRACE = 0
    DEBUG = 1
    INFO = 2
    WARNING = 3
    ERROR = 4

    @property
    def word(self) -> str:
        """The protocol's word, "Warning"."""
        return LEVEL_WORDS[self]

    @classmethod
    def of(cls, level: Union[Level, str]) -> Level:
        """A level, or the protocol's word for one. Another word is refused."""
        if isinstance(level, Level):
            return level
        found = _LEVELS.get(level)
        if found is None:
            raise Refused("value" if isinstance(level, str) else "type", "level")
        return found


_LEVELS = {level.word: level for level in Level}


class _Absent(enum.Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


#: An event without snapshot; None is a snapshot, the one that JSON calls null.
ABSENT = _Absent.ABSENT


@dataclass
class Event:
    """An operational event. `time` is RFC 3339 with offset; a datetime with a time zone will do; absent, the broker adds
    the time of receipt. `snapshot` is any value that JSON has: None, bool, int of 64 bits, finite float, str, list, dict."""

    level: Level
    category: str
    type: str
    source_id: str
    summary: str = ""
    time: Optional[str] = None
    cause: Optional[str] = None
    snapshot: Any = ABSENT

    def __init__(
        self,
        level: Union[Level, str],
        category: str,
        type: str,
        source_id: str,
        summary: str = "",
        time: Union[str, datetime, None] = None,
        cause: Optional[str] = None,
        snapshot: Any = ABSENT,
    ) -> None:
        self.level = Level.of(level)
        self.category = category
        self.type = type
        self.source_id = source_id
        self.summary = summary
        self.time = time_text(time) if isinstance(time, datetime) else time
        self.cause = cause
        self.snapshot = snapshot

    @property
    def topic(self) -> str:
        """category "/" sourceId"""
        return f"{self.category}/{self.source_id}"

    def to_dict(self) -> dict[str, Any]:
        """The keys of the protocol; those that are absent are left out."""
        members: dict[str, Any] = {} if self.time is None else {"time": self.time}
        members["level"] = Level.of(self.level).word
        members["category"] = self.category
        members["type"] = self.type
        members["sourceId"] = self.source_id
        members["summary"] = self.summary
        if self.cause is not None:
            members["cause"] = self.cause
        if self.snapshot is not ABSENT:
            members["snapshot"] = self.snapshot
        return members

    @classmethod
    def from_dict(cls, members: dict[str, Any]) -> Event:
        """The other way round. What breaks a rule is Refused."""
        data = pack(members)
        _, refusal = judge(data)
        if refusal:
            raise Refused(*refusal)
        return cls._of(members)

    @classmethod
    def _of(cls, members: dict[str, Any]) -> Event:
        return cls(
            members["level"],
            members["category"],
            members["type"],
            members["sourceId"],
            members["summary"],
            members.get("time"),
            members.get("cause"),
            members.get("snapshot", ABSENT),
        )

    def check(self) -> None:
        """Raises Refused when the event breaks a rule."""
        self.encode()

    def encode(self, max_event_bytes: int = EVENT_BYTES_MAX) -> bytes:
        """The event as it goes over the wire. Raises Refused when it breaks a rule."""
        members = self.to_dict()
        data = pack(members)
        if not is_good(members) or len(data) > max_event_bytes:
            _, refusal = judge(data, 0, max_event_bytes)
            if refusal:
                raise Refused(*refusal)
        return data

    @classmethod
    def decode(cls, data: bytes, max_event_bytes: int = EVENT_BYTES_MAX) -> Event:
        """Reads exactly one event. What breaks a rule is Refused; bytes behind it are `malformed`."""
        consumed, refusal = judge(data, 0, max_event_bytes)
        if refusal is None and consumed != len(data):
            refusal = ("malformed", "")
        if refusal:
            raise Refused(*refusal)
        return cls._of(_msgpack.unpack(data))


def pack(value: Any) -> bytes:
    """MessagePack of what Python has; what MessagePack has not is Refused as the snapshot's fault."""
    try:
        return _msgpack.pack(value)
    except UnicodeEncodeError:
        raise Refused("utf8", _field_at_fault(value)) from None
    except RecursionError:
        raise Refused("depth", "snapshot") from None
    except (OverflowError, TypeError) as error:
        raise Refused("unsupported", "snapshot", f"cannot be sent: {error}") from None
    except ValueError as error:
        code = "depth" if "recursion" in str(error) else "unsupported"
        raise Refused(code, "snapshot", f"cannot be sent: {error}") from None


def _field_at_fault(members: Any) -> str:
    for key, value in members.items() if isinstance(members, dict) else ():
        if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
            return str(key)
    return "snapshot"


def _is_good_text(text: Any, limit: int) -> bool:
    return isinstance(text, str) and fits(text, limit) and not has_control(text)


def _is_good_token(text: Any, limit: int) -> bool:
    return isinstance(text, str) and len(text) <= limit and is_token(text)


def _is_good_value(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind is str:
        return "\0" not in value
    if kind is int or kind is bool or value is None:
        return True
    if kind is float:
        return math.isfinite(value)
    if depth == DEPTH_MAX:
        return False
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or "\0" in key or not _is_good_value(item, depth + 1):
                return False
        return True
    if kind is list or kind is tuple:
        for item in value:
            if not _is_good_value(item, depth + 1):
                return False
        return True
    return False


_KEYS = frozenset(("level", "category", "type", "sourceId", "summary", "time", "cause", "snapshot"))


def is_good(members: Any) -> bool:
    """Whether a decoded map is an event for certain. Of what is not, the judge says why; an odd type that encodes well
    (a subclass of dict) is not good for certain, either."""
    if type(members) is not dict or not _KEYS.issuperset(members):
        return False
    source_id = members.get("sourceId")
    return (
        members.get("level") in LEVEL_WORDS
        and _is_good_token(members.get("category"), CATEGORY_MAX)
        and _is_good_token(members.get("type"), TYPE_MAX)
        and bool(source_id)
        and _is_good_text(source_id, SOURCE_ID_MAX)
        and _is_good_text(members.get("summary"), SUMMARY_MAX)
        and ("time" not in members or (isinstance(members["time"], str) and is_time(members["time"])))
        and ("cause" not in members or _is_good_token(members["cause"], CAUSE_MAX))
        and ("snapshot" not in members or _is_good_value(members["snapshot"], 0))
    )
