"""The part of msgpack-python that is used here, with types, which it has none of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgpack  # type: ignore[import-untyped]

#: What reading raises.
ERRORS = (ValueError, msgpack.UnpackException)


def pack(value: Any) -> bytes:
    return bytes(msgpack.packb(value))


def array_head(count: int) -> bytes:
    """The head of an array whose items follow."""
    return bytes(msgpack.Packer().pack_array_header(count))


def unpack(data: bytes) -> Any:
    """One value and nothing behind it."""
    return msgpack.unpackb(data)


def unpack_all(data: bytes) -> Iterator[Any]:
    """The values that stand back to back; ValueError where the last one is cut short."""
    unpacker = msgpack.Unpacker(max_buffer_size=max(len(data), 1))
    unpacker.feed(data)
    yield from unpacker
    if unpacker.tell() != len(data):
        raise ValueError("the last value is cut short")
