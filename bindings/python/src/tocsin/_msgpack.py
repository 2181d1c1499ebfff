"""The part of msgpack-python that is used here, with types, which it has none of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgpack  # type: ignore[import-untyped]

from ._wire import Malformed, skip

_T = TypeVar("_T")

#: What reading raises.
ERRORS = (ValueError, msgpack.UnpackException)


def pack(value: Any) -> bytes:
    return bytes(msgpack.packb(value))


def array_head(count: int) -> bytes:
    """The head of an array whose items follow."""
    return bytes(msgpack.Packer().pack_array_header(count))


#: More in an array or a map is believed only where it is there: the library makes room before it looks.
_COUNT_MAX = 4096


def _guarded(data: bytes, read: Callable[[int], _T]) -> _T:
    """Reads with a bound for counts; beyond it only what is whole."""
    if len(data) <= _COUNT_MAX:
        return read(len(data))
    try:
        return read(_COUNT_MAX)
    except ERRORS:
        at = 0
        try:
            while at < len(data):
                at = skip(data, at)
        except Malformed:
            raise ValueError("cut short, or no MessagePack") from None
        return read(len(data))


def unpack(data: bytes) -> Any:
    """One value and nothing behind it."""
    return _guarded(data, lambda most: msgpack.unpackb(data, max_array_len=most, max_map_len=most))


def unpack_all(data: bytes) -> list[Any]:
    """The values that stand back to back; ValueError where the last one is cut short."""

    def read(most: int) -> list[Any]:
        unpacker = msgpack.Unpacker(max_buffer_size=max(len(data), 1), max_array_len=most, max_map_len=most)
        unpacker.feed(data)
        values = list(unpacker)
        if unpacker.tell() != len(data):
            raise ValueError("the last value is cut short")
        return values

    return _guarded(data, read)
