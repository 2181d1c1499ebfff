"""The words and limits of PROTOCOL.md sections 1 and 2; lengths in bytes of UTF-8."""

from __future__ import annotations

import re

CATEGORY_MAX = 64
TYPE_MAX = 128
SOURCE_ID_MAX = 128
SUMMARY_MAX = 8192
CAUSE_MAX = 128
FIELD_MAX = 128
DEPTH_MAX = 32
EVENT_BYTES_MAX = 1048576
TOPIC_MAX = 200
PRODUCER_MAX = 64

LEVEL_WORDS = ("Trace", "Debug", "Info", "Warning", "Error")
REQUIRED = ("level", "category", "type", "sourceId", "summary")

_TOKEN = re.compile(r"[A-Za-z0-9_.-]+").fullmatch
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f]").search


def is_token(text: str) -> bool:
    """Whether it has only characters that a category, type, cause or producer may have, and one at least."""
    return _TOKEN(text) is not None


def has_control(text: str) -> bool:
    """Whether it has a control character: C0, DEL or C1."""
    return _CONTROL(text) is not None


def fits(text: str, limit: int) -> bool:
    """Whether it is at most `limit` bytes of UTF-8."""
    return len(text) <= limit and (text.isascii() or len(text.encode()) <= limit)
