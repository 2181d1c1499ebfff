"""MessagePack read token by token: a part of the oracle."""
import struct
from collections import namedtuple


class Malformed(Exception):
    pass


# what a token is; value: of scalars the value, of str/bin/ext the bytes, of arrays and maps the count
Token = namedtuple("Token", "kind value")


def _take(data, at, count):
    if count > len(data) - at:
        raise Malformed
    return data[at : at + count], at + count


def _uint(data, at, size):
    raw, at = _take(data, at, size)
    return int.from_bytes(raw, "big"), at


def _sized(kind, data, at, length_size):
    length, at = _uint(data, at, length_size)
    if kind == "ext":
        _, at = _take(data, at, 1)
    raw, at = _take(data, at, length)
    return Token(kind, raw), at


def token(data, at):
    """The token at `at`, and where the next one begins. Of a container only the head is taken."""
    (tag,), at = _take(data, at, 1)
    if tag <= 0x7F:
        return Token("int", tag), at
    if tag <= 0x8F:
        return Token("map", tag & 15), at
    if tag <= 0x9F:
        return Token("array", tag & 15), at
    if tag <= 0xBF:
        raw, at = _take(data, at, tag & 31)
        return Token("str", raw), at
    if tag >= 0xE0:
        return Token("int", tag - 256), at
    if tag == 0xC0:
        return Token("nil", None), at
    if tag in (0xC2, 0xC3):
        return Token("bool", tag == 0xC3), at
    if tag in (0xC4, 0xC5, 0xC6):
        return _sized("bin", data, at, 1 << (tag - 0xC4))
    if tag in (0xC7, 0xC8, 0xC9):
        return _sized("ext", data, at, 1 << (tag - 0xC7))
    if tag == 0xCA:
        raw, at = _take(data, at, 4)
        return Token("float", struct.unpack(">f", raw)[0]), at
    if tag == 0xCB:
        raw, at = _take(data, at, 8)
        return Token("float", struct.unpack(">d", raw)[0]), at
    if 0xCC <= tag <= 0xCF:
        value, at = _uint(data, at, 1 << (tag - 0xCC))
        return Token("int", value), at
    if 0xD0 <= tag <= 0xD3:
        raw, at = _take(data, at, 1 << (tag - 0xD0))
        return Token("int", int.from_bytes(raw, "big", signed=True)), at
    if 0xD4 <= tag <= 0xD8:
        raw, at = _take(data, at, 1 + (1 << (tag - 0xD4)))
        return Token("ext", raw[1:]), at
    if tag in (0xD9, 0xDA, 0xDB):
        return _sized("str", data, at, 1 << (tag - 0xD9))
    if tag in (0xDC, 0xDD):
        count, at = _uint(data, at, 2 << (tag - 0xDC))
        return Token("array", count), at
    if tag in (0xDE, 0xDF):
        count, at = _uint(data, at, 2 << (tag - 0xDE))
        return Token("map", count), at
    raise Malformed  # 0xc1


def skip(data, at):
    """Where the value at `at` ends."""
    wanted = 1
    while wanted:
        tok, at = token(data, at)
        wanted -= 1
        if tok.kind == "array":
            wanted += tok.value
        elif tok.kind == "map":
            wanted += 2 * tok.value
    return at
