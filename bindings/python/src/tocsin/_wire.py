"""The judge: MessagePack bytes against the rules of an event, in the order that PROTOCOL.md section 1.1 tells.

msgpack-python tells neither that a key is there twice nor which of several faults comes first; so bytes from outside are
judged here, and only what is good is given to it."""

from __future__ import annotations

import math
import struct
from typing import Callable, Optional

from ._rules import (
    CATEGORY_MAX,
    CAUSE_MAX,
    DEPTH_MAX,
    EVENT_BYTES_MAX,
    FIELD_MAX,
    LEVEL_WORDS,
    REQUIRED,
    SOURCE_ID_MAX,
    SUMMARY_MAX,
    TYPE_MAX,
    has_control,
    is_token,
)
from ._time import is_time

STR, ARRAY, MAP, FLOAT, SCALAR, OTHER = range(6)


class Malformed(Exception):
    """No MessagePack, or cut short."""


class Fault(Exception):
    """The first fault in the order of the bytes."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(code, field)
        self.code = code
        self.field = field


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise Malformed
    return int.from_bytes(data[at : at + size], "big")


# head -> (kind, bytes of the length that follows, bytes of content that each counted thing has besides)
_SIZED = {
    0xC4: (OTHER, 1, 0), 0xC5: (OTHER, 2, 0), 0xC6: (OTHER, 4, 0),
    0xC7: (OTHER, 1, 1), 0xC8: (OTHER, 2, 1), 0xC9: (OTHER, 4, 1),
    0xD9: (STR, 1, 0), 0xDA: (STR, 2, 0), 0xDB: (STR, 4, 0),
    0xDC: (ARRAY, 2, 0), 0xDD: (ARRAY, 4, 0), 0xDE: (MAP, 2, 0), 0xDF: (MAP, 4, 0),
}  # fmt: skip
_FIXED = {
    0xC0: (SCALAR, 0), 0xC2: (SCALAR, 0), 0xC3: (SCALAR, 0), 0xCA: (FLOAT, 4), 0xCB: (FLOAT, 8),
    0xCC: (SCALAR, 1), 0xCD: (SCALAR, 2), 0xCE: (SCALAR, 4), 0xCF: (SCALAR, 8),
    0xD0: (SCALAR, 1), 0xD1: (SCALAR, 2), 0xD2: (SCALAR, 4), 0xD3: (SCALAR, 8),
    0xD4: (OTHER, 2), 0xD5: (OTHER, 3), 0xD6: (OTHER, 5), 0xD7: (OTHER, 9), 0xD8: (OTHER, 17),
}  # fmt: skip


def head(data: bytes, at: int) -> tuple[int, int, int]:
    """(kind, where its content begins, bytes of content; of an array or a map how many there are in it)"""
    first = _number(data, at, 1)
    if first < 0x80 or first >= 0xE0:
        return SCALAR, at + 1, 0
    if first < 0x90:
        return MAP, at + 1, first & 15
    if first < 0xA0:
        return ARRAY, at + 1, first & 15
    if first < 0xC0:
        return STR, at + 1, first & 31
    if first in _FIXED:
        kind, length = _FIXED[first]
        return kind, at + 1, length
    if first not in _SIZED:
        raise Malformed
    kind, size, more = _SIZED[first]
    return kind, at + 1 + size, _number(data, at + 1, size) + more


def skip(data: bytes, at: int) -> int:
    """Where the value that begins at `at` ends. However deep it is nested."""
    left = 1
    while left:
        kind, at, count = head(data, at)
        left -= 1
        if kind == ARRAY:
            left += count
        elif kind == MAP:
            left += 2 * count
        else:
            at += count
        if left > len(data) - at or at > len(data):
            raise Malformed
    return at


def _text(data: bytes, start: int, length: int, field: str) -> str:
    try:
        text = data[start : start + length].decode()
    except UnicodeDecodeError:
        raise Fault("utf8", field) from None
    if "\0" in text:
        raise Fault("unsupported", field)
    return text


def _cut(name: str) -> str:
    return name.encode()[:FIELD_MAX].decode(errors="ignore")


def _limited(limit: int, may_be_empty: bool, is_good: Callable[[str], bool]) -> Callable[[bytes, int, int, str], None]:
    def judge(data: bytes, start: int, length: int, field: str) -> None:
        if length > limit or (length == 0 and not may_be_empty):
            raise Fault("length", field)
        if not is_good(_text(data, start, length, field)):
            raise Fault("value", field)

    return judge


def _word(is_good: Callable[[str], bool]) -> Callable[[bytes, int, int, str], None]:
    def judge(data: bytes, start: int, length: int, field: str) -> None:
        if not is_good(_text(data, start, length, field)):
            raise Fault("value", field)

    return judge


_TEXTS = {
    "level": _word(LEVEL_WORDS.__contains__),
    "category": _limited(CATEGORY_MAX, False, is_token),
    "type": _limited(TYPE_MAX, False, is_token),
    "sourceId": _limited(SOURCE_ID_MAX, False, lambda text: not has_control(text)),
    "summary": _limited(SUMMARY_MAX, True, lambda text: not has_control(text)),
    "time": _word(is_time),
    "cause": _limited(CAUSE_MAX, False, is_token),
}


def _judge_key(data: bytes, at: int, keys: set[bytes]) -> int:
    kind, start, length = head(data, at)
    if kind != STR:
        raise Fault("unsupported", "snapshot")
    _text(data, start, length, "snapshot")
    key = data[start : start + length]
    if key in keys:
        raise Fault("duplicate", "snapshot")
    keys.add(key)
    return start + length


def _judge_value(data: bytes, at: int, depth: int) -> int:
    kind, start, count = head(data, at)
    if kind == STR:
        _text(data, start, count, "snapshot")
    elif kind == FLOAT:
        if not math.isfinite(struct.unpack_from(">f" if count == 4 else ">d", data, start)[0]):
            raise Fault("unsupported", "snapshot")
    elif kind == OTHER:
        raise Fault("unsupported", "snapshot")
    elif kind in (ARRAY, MAP):
        if depth == DEPTH_MAX:
            raise Fault("depth", "snapshot")
        keys: set[bytes] = set()
        for _ in range(count):
            if kind == MAP:
                start = _judge_key(data, start, keys)
            start = _judge_value(data, start, depth + 1)
        return start
    return start + count


def _judge_pair(data: bytes, at: int, seen: set[str]) -> int:
    kind, start, length = head(data, at)
    if kind != STR:
        raise Fault("unsupported", "")
    key = _text(data, start, length, "")
    if key not in _TEXTS and key != "snapshot":
        raise Fault("unknown", _cut(key))
    if key in seen:
        raise Fault("duplicate", key)
    seen.add(key)
    at = start + length
    if key == "snapshot":
        return _judge_value(data, at, 0)
    kind, start, length = head(data, at)
    if kind != STR:
        raise Fault("type", key)
    _TEXTS[key](data, start, length, key)
    return start + length


def _judge_map(data: bytes, at: int) -> None:
    kind, at, count = head(data, at)
    if kind != MAP:
        raise Fault("type", "")
    seen: set[str] = set()
    for _ in range(count):
        at = _judge_pair(data, at, seen)
    for key in REQUIRED:
        if key not in seen:
            raise Fault("missing", key)


def judge(data: bytes, at: int = 0, max_event_bytes: int = EVENT_BYTES_MAX) -> tuple[int, Optional[tuple[str, str]]]:
    """Judges the first value behind `at`: how many bytes it takes (0 where it is malformed), and (code, field) where it
    is refused."""
    try:
        end = skip(data, at)
    except Malformed:
        return 0, ("malformed", "")
    if end - at > max_event_bytes:
        return end - at, ("length", "")
    try:
        _judge_map(data, at)
    except Fault as fault:
        return end - at, (fault.code, fault.field)
    return end - at, None
