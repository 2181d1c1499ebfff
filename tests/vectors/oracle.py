"""The rules of proto/PROTOCOL.md sections 1, 2, 3 and 5 a second time, for the test vectors to come from.

Written from that text, not from the C code: where the two disagree, one of them (or the text) is wrong.
Plain and slow on purpose. Standard library only. unpack.py and log_text.py belong to it.
"""
import calendar
import math
import re
from collections import namedtuple

from log_text import LOG_ORDER
from unpack import Malformed, skip, token

MAX_EVENT_BYTES = 1048576
MAX_DEPTH = 32
MAX_FIELD = 128

REQUIRED = ["level", "category", "type", "sourceId", "summary"]
LEVELS = ["Trace", "Debug", "Info", "Warning", "Error"]
TOKEN_LIMITS = {"category": 64, "type": 128, "cause": 128}
LINE_LIMITS = {"sourceId": (1, 128), "summary": (0, 8192)}

# code "accepted" where nothing is wrong, and then `event` maps keys to values; `consumed` 0 only for "malformed"
Verdict = namedtuple("Verdict", "consumed code field event")


class Refused(Exception):
    def __init__(self, code, field=""):
        super().__init__(code, field)
        self.code = code
        self.field = field


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


def cut(text, max_len):
    """As many whole characters as fit into that many bytes."""
    while len(text.encode()) > max_len:
        text = text[:-1]
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
            raise Refused("unknown", cut(field, MAX_FIELD))
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
