"""Where the broker is, for the event loop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .._append import AppendOptions
from .._base import (
    AppenderKeywords,
    BaseClient,
    OnNotice,
    PublisherKeywords,
    StreamKeywords,
    SubscriberKeywords,
    WantedKeywords,
    deadline_of,
    unreachable,
)
from .._live import LiveOptions
from .._message import Record
from .._publish import PublishOptions
from .._question import Info, Latest, LatestOptions, Question, ask_info, info_of
from .._stream_options import StreamOptions
from .._where import Where
from ._appender import AsyncAppender
from ._handle import Bell
from ._publisher import AsyncPublisher
from ._source import AsyncStream, AsyncSubscriber

if TYPE_CHECKING:
    from typing_extensions import Unpack


async def _answer(where: Where, question: Question) -> Any:
    deadline = deadline_of(where.timeout)
    bell = Bell()
    while (answer := question.take(time.monotonic())) is None:
        if time.monotonic() >= deadline:
            raise unreachable(where, "stream", question.is_refused)
        await bell.wait(question.sockets, deadline)
    return answer


class AsyncClient(BaseClient):
    __doc__ = BaseClient.__doc__

    def publisher(self, **options: Unpack[PublisherKeywords]) -> AsyncPublisher:
        """A publisher; opened by its first use."""
        return AsyncPublisher(self._where, PublishOptions(**options))

    def appender(self, producer: str, **options: Unpack[AppenderKeywords]) -> AsyncAppender:
        """An appender; opened by its first use. `producer` [A-Za-z0-9_.-], at most 64: who sends; one handle at a time may
        bear a name."""
        return AsyncAppender(self._where, AppendOptions(producer, **options))

    def subscribe(self, *, on_notice: OnNotice = None, **options: Unpack[SubscriberKeywords]) -> AsyncSubscriber:
        """A live subscriber; opened by its first use."""
        return AsyncSubscriber(self._where, LiveOptions(**options), on_notice)

    def stream(self, *, on_notice: OnNotice = None, **options: Unpack[StreamKeywords]) -> AsyncStream:
        """A stream; opened by its first use."""
        return AsyncStream(self._where, StreamOptions(**options), on_notice)

    async def info(self) -> Info:
        """What the broker tells of itself."""
        question = ask_info(self._where)
        try:
            return info_of(await _answer(self._where, question))
        finally:
            question.close()

    async def latest(self, **options: Unpack[WantedKeywords]) -> list[Record]:
        """The last event of every matching topic, in the order of seq."""
        latest = Latest(self._where, LatestOptions(**options))
        records: list[Record] = []
        try:
            while piece := await _answer(self._where, latest.question):
                records += latest.records_of(piece)
            return records
        finally:
            latest.question.close()
