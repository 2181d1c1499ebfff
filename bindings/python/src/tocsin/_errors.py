"""What can go wrong, as exceptions."""

from __future__ import annotations

REFUSAL_TEXTS = {
    "malformed": "is no MessagePack, or is cut short",
    "type": "has the wrong type",
    "missing": "is required and missing",
    "unknown": "is no key of an event",
    "duplicate": "holds a key twice",
    "value": "has a value that is not allowed",
    "length": "is too long, or empty",
    "depth": "is nested too deep",
    "utf8": "is not valid UTF-8",
    "unsupported": "holds what JSON cannot: bin, ext, NaN, infinity, U+0000 or a key that is no string",
}


class TocsinError(Exception):
    """Everything that this package raises of its own."""


class Refused(TocsinError, ValueError):
    """The event breaks a rule of the protocol: `code` and `field` are those of PROTOCOL.md section 1.1."""

    def __init__(self, code: str, field: str = "", text: str = "") -> None:
        self.code = code
        self.field = field
        meaning = text or REFUSAL_TEXTS.get(code, code)
        super().__init__(f"{field or 'the event'} {meaning} ({code})")


class Unreachable(TocsinError, ConnectionError):
    """No broker answered in time."""


class TimedOut(TocsinError, TimeoutError):
    """Not in the time that was given; nothing is lost by that."""


class QueueFull(TocsinError):
    """No room in the queue within the time that was given; the event was not taken."""


class Closed(TocsinError):
    """The handle is closed."""


class Fenced(Closed):
    """A newer incarnation of this producer has taken over."""


class Denied(TocsinError, PermissionError):
    """The broker does not allow this."""


class ProtocolError(TocsinError):
    """What came is nothing that a broker of this protocol says."""


class OtherLog(TocsinError):
    """The broker writes another log than the one that the cursor belongs to."""


class CursorError(TocsinError):
    """The cursor's file is no cursor, or another process uses it."""
