"""Tocsin: publish operational events to a broker, and follow them.

    import tocsin

    with tocsin.Client("127.0.0.1:5560").publisher() as publisher:
        publisher.publish(tocsin.Event("Info", "StreamEvent", "StreamCreated", "#default#app/cam", "A camera came"))

`Client` blocks; `AsyncClient` is for asyncio. The README has more."""

from . import catalog, logs
from ._aio import AsyncAppender, AsyncClient, AsyncPublisher, AsyncStream, AsyncSubscriber
from ._append import Receipt, Rejection
from ._errors import (
    Closed,
    CursorError,
    Denied,
    Fenced,
    OtherLog,
    ProtocolError,
    QueueFull,
    Refused,
    TimedOut,
    TocsinError,
    Unreachable,
)
from ._event import ABSENT, Event, Level
from ._filter import Filter
from ._message import (
    ConnectionLost,
    ConnectionRestored,
    End,
    Gap,
    Hole,
    LogReset,
    Message,
    Notice,
    Record,
)
from ._question import Info
from ._source import SourceId, source_id
from ._stream_options import Last
from ._sync import Appender, Client, Publisher, Stream, Subscriber
from ._where import Keys

__version__ = "0.1.0"

__all__ = [
    "ABSENT", "Appender", "AsyncAppender", "AsyncClient", "AsyncPublisher", "AsyncStream", "AsyncSubscriber", "Client",
    "Closed", "ConnectionLost", "ConnectionRestored", "CursorError", "Denied", "End", "Event", "Fenced", "Filter", "Gap",
    "Hole", "Info", "Keys", "Last", "Level", "LogReset", "Message", "Notice", "OtherLog", "ProtocolError", "Publisher",
    "QueueFull", "Receipt", "Record", "Refused", "Rejection", "SourceId", "Stream", "Subscriber", "TimedOut",
    "TocsinError", "Unreachable", "__version__", "catalog",
    "logs", "source_id",
]  # fmt: skip
