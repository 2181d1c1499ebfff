"""MessagePack by hand: every encoding of a value, also those that a packer would not choose, and bytes that are wrong."""
import struct

NIL = b"\xc0"
FALSE = b"\xc2"
TRUE = b"\xc3"


def be(size, number):
    return (number % (1 << (8 * size))).to_bytes(size, "big")


def raw(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


def _head(length, short, tags):
    """The shortest head: `short` is (tag, limit) of the one-byte form, `tags` those with 1, 2 and 4 bytes of length."""
    if length < short[1]:
        return bytes([short[0] | length])
    for size, tag in zip((1, 2, 4), tags):
        if tag and length < 1 << (8 * size):
            return bytes([tag]) + be(size, length)
    raise ValueError(length)


def string(text):
    return _head(len(raw(text)), (0xA0, 32), (0xD9, 0xDA, 0xDB)) + raw(text)


def str8(text):
    return b"\xd9" + be(1, len(raw(text))) + raw(text)


def str16(text):
    return b"\xda" + be(2, len(raw(text))) + raw(text)


def str32(text):
    return b"\xdb" + be(4, len(raw(text))) + raw(text)


def bin8(data):
    return b"\xc4" + be(1, len(data)) + data


def bin16(data):
    return b"\xc5" + be(2, len(data)) + data


def bin32(data):
    return b"\xc6" + be(4, len(data)) + data


def fixext(kind, data):
    return bytes([0xD4 + (1, 2, 4, 8, 16).index(len(data)), kind]) + data


def ext8(kind, data):
    return b"\xc7" + be(1, len(data)) + bytes([kind]) + data


def ext16(kind, data):
    return b"\xc8" + be(2, len(data)) + bytes([kind]) + data


def ext32(kind, data):
    return b"\xc9" + be(4, len(data)) + bytes([kind]) + data


def uint(size, number):
    return bytes([0xCC + (1, 2, 4, 8).index(size)]) + be(size, number)


def sint(size, number):
    return bytes([0xD0 + (1, 2, 4, 8).index(size)]) + be(size, number)


def integer(number):
    """The shortest form."""
    if -32 <= number < 128:
        return be(1, number)
    for size in (1, 2, 4, 8):
        if 0 <= number < 1 << (8 * size):
            return uint(size, number)
        if number < 0 and number >= -(1 << (8 * size - 1)):
            return sint(size, number)
    raise ValueError(number)


def f32(number):
    return b"\xca" + struct.pack(">f", number)


def f64(number):
    return b"\xcb" + struct.pack(">d", number)


def array(*items):
    return _head(len(items), (0x90, 16), (None, 0xDC, 0xDD)) + b"".join(items)


def array16(*items):
    return b"\xdc" + be(2, len(items)) + b"".join(items)


def array32(*items):
    return b"\xdd" + be(4, len(items)) + b"".join(items)


def _joined(pairs):
    return b"".join((key if isinstance(key, bytes) else string(key)) + value for key, value in pairs)


def mapping(*pairs):
    """Pairs of a key (a str, or the bytes of an encoded value) and an encoded value."""
    return _head(len(pairs), (0x80, 16), (None, 0xDE, 0xDF)) + _joined(pairs)


def map16(*pairs):
    return b"\xde" + be(2, len(pairs)) + _joined(pairs)


def map32(*pairs):
    return b"\xdf" + be(4, len(pairs)) + _joined(pairs)


def nested_arrays(depth, inner=b""):
    """`depth` arrays, each the only item of the one around it."""
    return b"\x91" * (depth - 1) + (b"\x91" + inner if inner else b"\x90")


def nested_maps(depth, inner=b""):
    head = b"\x81" + string("k")
    return head * (depth - 1) + (head + inner if inner else b"\x80")


# --- Events ---------------------------------------------------------------------------------------------------------

MINIMAL = {"level": string("Info"), "category": string("C"), "type": string("T"), "sourceId": string("s"),
           "summary": string("")}

FULL = {
    "time": string("2026-11-21T09:30:00.125+09:00"),
    "level": string("Warning"),
    "category": string("StreamEvent"),
    "type": string("StreamCreated"),
    "sourceId": string("#default#app/stream"),
    "summary": string("A new stream has been created"),
    "cause": string("BFrameDetected"),
    "snapshot": mapping(("id", integer(7))),
}


def pairs(without=(), **members):
    """The minimal event's pairs, some left out, others replaced or added at the end."""
    event = dict(MINIMAL, **members)
    return [(key, value) for key, value in event.items() if key not in without]


def event(without=(), **members):
    return mapping(*pairs(without, **members))


def snapshot(value):
    return event(snapshot=value)
