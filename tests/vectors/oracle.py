"""The rules of proto/PROTOCOL.md sections 1, 2, 3 and 5 a second time, for the test vectors to come from.

Written from that text, not from the C code: where the two disagree, one of them (or the text) is wrong.
Plain and slow on purpose. Standard library only.
"""
import calendar
import hashlib
import math
import re
import struct
from collections import namedtuple

MAX_EVENT_BYTES = 1048576
MAX_DEPTH = 32

REQUIRED = ["level", "category", "type", "sourceId", "summary"]
LEVELS = ["Trace", "Debug", "Info", "Warning", "Error"]
LOG_ORDER = ["time", "level", "category", "type", "sourceId", "summary", "cause", "snapshot"]
TOKEN_LIMITS = {"category": 64, "type": 128, "cause": 128}
LINE_LIMITS = {"sourceId": (1, 128), "summary": (0, 8192)}

# code "accepted" where nothing is wrong, and then `event` maps keys to values; `consumed` 0 only for "malformed"
Verdict = namedtuple("Verdict", "consumed code field event")


class Malformed(Exception):
    pass


class Refused(Exception):
    def __init__(self, code, field=""):
        super().__init__(code, field)
        self.code = code
        self.field = field


# --- MessagePack, token by token ------------------------------------------------------------------------------------

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


# --- The checks -----------------------------------------------------------------------------------------------------


def check_text(raw, field):
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("utf8", field) from None
    if "\0" in text:
        raise Refused("unsupported", field)
    return text


def is_control(char):
    return ord(char) < 0x20 or 0x7F <= ord(char) <= 0x9F


TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


def is_time(text):
    match = TIME.fullmatch(text)
    if not match:
        return False
    year, month, day, hour, minute, second = (int(part) for part in match.group(1, 2, 3, 4, 5, 6))
    # the calendar repeats after 400 years, and monthrange knows no year 0
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year or 400, month)[1]:
        return False
    if hour > 23 or minute > 59 or second > 60:
        return False
    offset = 0
    if match.group(8):
        offset_hour, offset_minute = int(match.group(9)), int(match.group(10))
        if offset_hour > 23 or offset_minute > 59:
            return False
        offset = (offset_hour * 60 + offset_minute) * (-1 if match.group(8) == "-" else 1)
    return second < 60 or (hour * 60 + minute - offset) % 1440 == 1439


def check_member(field, raw):
    if field in TOKEN_LIMITS:
        if not 1 <= len(raw) <= TOKEN_LIMITS[field]:
            raise Refused("length", field)
        text = check_text(raw, field)
        good = re.fullmatch(r"[A-Za-z0-9_.-]+", text)
    elif field in LINE_LIMITS:
        least, most = LINE_LIMITS[field]
        if not least <= len(raw) <= most:
            raise Refused("length", field)
        text = check_text(raw, field)
        good = not any(is_control(char) for char in text)
    elif field == "level":
        text = check_text(raw, field)
        good = text in LEVELS
    else:
        text = check_text(raw, field)
        good = is_time(text)
    if not good:
        raise Refused("value", field)
    return text


def check_value(data, at, depth):
    """A snapshot's value, as Python has it (a map as a list of pairs in a tuple), and where it ends."""
    tok, at = token(data, at)
    if tok.kind in ("bin", "ext"):
        raise Refused("unsupported", "snapshot")
    if tok.kind == "float" and not math.isfinite(tok.value):
        raise Refused("unsupported", "snapshot")
    if tok.kind == "str":
        return check_text(tok.value, "snapshot"), at
    if tok.kind not in ("array", "map"):
        return tok.value, at
    if depth == MAX_DEPTH:
        raise Refused("depth", "snapshot")
    if tok.kind == "array":
        items = []
        for _ in range(tok.value):
            item, at = check_value(data, at, depth + 1)
            items.append(item)
        return items, at
    pairs = []
    seen = set()
    for _ in range(tok.value):
        key, at = token(data, at)
        if key.kind != "str":
            raise Refused("unsupported", "snapshot")
        name = check_text(key.value, "snapshot")
        if name in seen:
            raise Refused("duplicate", "snapshot")
        seen.add(name)
        item, at = check_value(data, at, depth + 1)
        pairs.append((name, item))
    return tuple(pairs), at


def check_event(data):
    tok, at = token(data, 0)
    if tok.kind != "map":
        raise Refused("type")
    event = {}
    for _ in range(tok.value):
        key, at = token(data, at)
        if key.kind != "str":
            raise Refused("unsupported")
        field = check_text(key.value, "")
        if field not in LOG_ORDER:
            raise Refused("unknown", field)
        if field in event:
            raise Refused("duplicate", field)
        if field == "snapshot":
            event[field], at = check_value(data, at, 0)
            continue
        member, at = token(data, at)
        if member.kind != "str":
            raise Refused("type", field)
        event[field] = check_member(field, member.value)
    for field in REQUIRED:
        if field not in event:
            raise Refused("missing", field)
    return event


def judge(data, max_event_bytes=MAX_EVENT_BYTES):
    try:
        consumed = skip(data, 0)
    except Malformed:
        return Verdict(0, "malformed", "", None)
    if consumed > max_event_bytes:
        return Verdict(consumed, "length", "", None)
    try:
        return Verdict(consumed, "accepted", "", check_event(data[:consumed]))
    except Refused as refused:
        return Verdict(consumed, refused.code, refused.field, None)


def judge_frame(data, max_event_bytes=MAX_EVENT_BYTES):
    verdicts = []
    at = 0
    while at < len(data) or not verdicts:
        verdict = judge(data[at:], max_event_bytes)
        verdicts.append(verdict)
        if verdict.code == "malformed":
            break
        at += verdict.consumed
    return verdicts


def topic(event):
    return event["category"] + "/" + event["sourceId"]


# --- The text of the log --------------------------------------------------------------------------------------------

ESCAPED = (
    set(range(0x20)) | set(range(0x7F, 0xA0)) | {0x61C, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF}
    | set(range(0x202A, 0x202F)) | set(range(0x2066, 0x206A))
)
LETTERS = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def string_text(text):
    out = []
    for char in text:
        if char in LETTERS:
            out.append(LETTERS[char])
        elif ord(char) in ESCAPED:
            out.append("\\u%04x" % ord(char))
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def value_text(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return string_text(value)
    if isinstance(value, list):
        return "[" + ",".join(value_text(item) for item in value) + "]"
    return "{" + ",".join(string_text(key) + ":" + value_text(item) for key, item in value) + "}"


def members_text(event):
    return ",".join(string_text(key) + ":" + value_text(event[key]) for key in LOG_ORDER if key in event)


def log_text(event):
    return "{" + members_text(event) + "}"


def received_text(received_us):
    """Microseconds since 1970 as UTC text; days are counted off by the calendar, year by year and month by month."""
    seconds, micros = divmod(min(received_us, 253402300799999999), 1000000)
    days, second = divmod(seconds, 86400)
    cycles, days = divmod(days, 146097)
    year = 1970 + 400 * cycles
    while days >= 365 + calendar.isleap(year):
        days -= 365 + calendar.isleap(year)
        year += 1
    month = 1
    while days >= calendar.monthrange(2000 + year % 400, month)[1]:
        days -= calendar.monthrange(2000 + year % 400, month)[1]
        month += 1
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" % (
        year, month, days + 1, second // 3600, second // 60 % 60, second % 60, micros)


def line_text(event, seq, prev, received_us, batch, producer=None, n=None):
    """A line of the log up to its hash: what the chain covers."""
    out = '{"seq":%d,"received":"%s",%s,"prev":%d' % (seq, received_text(received_us), members_text(event), prev)
    if producer is not None:
        out += ',"producer":%s,"n":%d' % (string_text(producer), n)
    return out + ',"batch":%d' % batch


def chain_start(log_id):
    return hashlib.blake2b(b"tocsin-log-1" + log_id.encode(), digest_size=32).digest()


def chain_next(hash_before, line):
    """H(i), and the line as it stands in the file, without its LF."""
    hash_now = hashlib.blake2b(hash_before + line.encode(), digest_size=32).digest()
    return hash_now, line + ',"hash":"%s"}' % hash_now[:16].hex()
