"""The handles of asyncio: the same protocol, waited for by the event loop. Each belongs to one loop."""

from ._appender import AsyncAppender
from ._client import AsyncClient
from ._publisher import AsyncPublisher
from ._source import AsyncStream, AsyncSubscriber

__all__ = ["AsyncAppender", "AsyncClient", "AsyncPublisher", "AsyncStream", "AsyncSubscriber"]
