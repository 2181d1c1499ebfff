"""The handles that block."""

from ._appender import Appender
from ._client import Client
from ._publisher import Publisher
from ._source import Stream, Subscriber

__all__ = ["Appender", "Client", "Publisher", "Stream", "Subscriber"]
