"""Where the broker is, for handles that block."""

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
from ._appender import Appender
from ._handle import wait
from ._publisher import Publisher
from ._source import Stream, Subscriber

if TYPE_CHECKING:
    from typing_extensions import Unpack


def _answer(where: Where, question: Question) -> Any:
    deadline = deadline_of(where.timeout)
    while (answer := question.take(time.monotonic())) is None:
        if time.monotonic() >= deadline:
            raise unreachable(where, "stream", question.is_refused)
        wait(question.sockets, deadline)
    return answer


class Client(BaseClient):
    __doc__ = BaseClient.__doc__

    def publisher(self, **options: Unpack[PublisherKeywords]) -> Publisher:
        """A publisher, when the broker takes its events."""
        return Publisher(self._where, PublishOptions(**options))

    def appender(self, producer: str, **options: Unpack[AppenderKeywords]) -> Appender:
        """An appender, when the broker has welcomed it. `producer` [A-Za-z0-9_.-], at most 64: who sends; one handle at a
        time may bear a name."""
        return Appender(self._where, AppendOptions(producer, **options))

    def subscribe(self, *, on_notice: OnNotice = None, **options: Unpack[SubscriberKeywords]) -> Subscriber:
        """A live subscriber, when the broker has confirmed its filters."""
        return Subscriber(self._where, LiveOptions(**options), on_notice)

    def stream(self, *, on_notice: OnNotice = None, **options: Unpack[StreamKeywords]) -> Stream:
        """A stream, when the broker has opened it."""
        return Stream(self._where, StreamOptions(**options), on_notice)

    def info(self) -> Info:
        """What the broker tells of itself."""
        question = ask_info(self._where)
        try:
            return info_of(_answer(self._where, question))
        finally:
            question.close()

    def latest(self, **options: Unpack[WantedKeywords]) -> list[Record]:
        """The last event of every matching topic, in the order of seq."""
        latest = Latest(self._where, LatestOptions(**options))
        records: list[Record] = []
        try:
            while piece := _answer(self._where, latest.question):
                records += latest.records_of(piece)
            return records
        finally:
            latest.question.close()
