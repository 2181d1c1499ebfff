"""Records of Python's logging as events."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timezone
from typing import Any, Callable, Optional

from ._event import Event, Level
from ._rules import SUMMARY_MAX
from ._sync import Publisher

_CONTROL = re.compile("[\0-\x1f\x7f-\x9f]+")
_NO_TOKEN = re.compile("[^A-Za-z0-9_.-]")


class TocsinHandler(logging.Handler):
    """Publishes each record as an event: its logger's name is the type, its message the summary, and the rest is in the
    snapshot. `publisher` is one that you close; with send_timeout=0 logging never waits for a broker that is away. The
    records of this package itself are passed over.

        logging.getLogger().addHandler(TocsinHandler(client.publisher(), source_id="billing-1"))"""

    def __init__(
        self, publisher: Publisher, source_id: str, *, category: str = "LogEvent", level: int = logging.NOTSET
    ) -> None:
        super().__init__(level)
        self._publish: Callable[[Event], None] = publisher.publish
        self._source_id = source_id
        self._category = category

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "tocsin" or record.name.startswith("tocsin."):
            return
        try:
            self._publish(self.event_of(record))
        except Exception:
            self.handleError(record)

    def event_of(self, record: logging.LogRecord) -> Event:
        """The event that a record becomes."""
        text = record.getMessage()
        snapshot: dict[str, Any] = {
            "levelno": record.levelno,
            "file": _clean(record.pathname),
            "line": record.lineno,
            "function": _clean(record.funcName or ""),
            "process": record.process,
            "thread": _clean(record.threadName or ""),
        }
        summary = _cut(_CONTROL.sub(" ", _clean(text)))
        if "\n" in text:
            snapshot["text"] = _clean(text)
        trace = self._trace_of(record)
        if trace:
            snapshot["exception"] = _clean(trace)
        return Event(
            _level_of(record.levelno),
            self._category,
            _NO_TOKEN.sub("_", record.name)[:128] or "root",
            self._source_id,
            summary,
            datetime.fromtimestamp(record.created, timezone.utc),
            snapshot=snapshot,
        )

    def _trace_of(self, record: logging.LogRecord) -> Optional[str]:
        if record.exc_info and record.exc_info[0]:
            return (self.formatter or logging.Formatter()).formatException(record.exc_info)
        return record.exc_text


def _level_of(number: int) -> Level:
    for floor, level in ((logging.ERROR, Level.ERROR), (logging.WARNING, Level.WARNING), (logging.INFO, Level.INFO)):
        if number >= floor:
            return level
    return Level.DEBUG if number >= logging.DEBUG else Level.TRACE


def _clean(text: str) -> str:
    """Without what no event can hold: U+0000 and halves of surrogate pairs."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _cut(text: str) -> str:
    return text.encode()[:SUMMARY_MAX].decode(errors="ignore")
