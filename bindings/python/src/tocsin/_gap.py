"""What was lost on the way: told from seq and prev of the records and the head in the heartbeats (PROTOCOL.md sections 3
and 4.1).

A subscriber to everything sees each seq: what is missing is counted exactly. With filters seq jumps as it must; there
each topic is a chain by prev, and a record whose prev is none that was seen tells that at least that one was lost."""

from __future__ import annotations

from typing import NamedTuple, Optional, Union


class Lost(NamedTuple):
    """Within first … last at least so many were lost; exactly so many, of any topic, where is_exact."""

    first: int
    last: int
    at_least: int
    is_exact: bool


WENT_BACK = "went back"  #: the log is not the one that it was; counting has begun anew
Verdict = Union[Lost, str, None]


class TopicTable:
    """The last seq of each topic, in bounded memory: two generations; when the young one has half the limit, the old one
    is forgotten but for the highest seq in it, and the young one becomes old."""

    def __init__(self, max_topics: int) -> None:
        self._half = max(1, max_topics // 2)
        self.clear()

    def clear(self) -> None:
        self._young: dict[str, int] = {}
        self._old: dict[str, int] = {}
        self.forgotten = 0

    def exchange(self, topic: str, seq: int) -> Optional[int]:
        """Sets the last seq of a topic; returns the one before, None where there was none or it was forgotten."""
        last = self._young.get(topic)
        if last is None:
            last = self._old.pop(topic, None)
            if len(self._young) >= self._half:
                self.forgotten = max([self.forgotten, *self._old.values()])
                self._old, self._young = self._young, {}
        self._young[topic] = seq
        return last


class GapTracker:
    """Counts for one subscriber."""

    def __init__(self, is_everything: bool, max_topics: int) -> None:
        self._seen = 0
        self._begun = 0
        self._topics = None if is_everything else TopicTable(max_topics)

    def begin(self, head: int) -> None:
        """Counting begins behind `head`: what is at or below it is none of ours."""
        self._seen = self._begun = head
        if self._topics:
            self._topics.clear()

    def on_record(self, topic: str, seq: int, prev: int) -> Verdict:
        seen = self._seen
        if seq <= seen:
            self.begin(seq)
            return WENT_BACK
        self._seen = seq
        if self._topics is not None:
            known = self._topics.exchange(topic, seq)
            if known is None:
                known = max(self._topics.forgotten, self._begun)
            return Lost(known + 1, prev, 1, False) if prev > known else None
        return Lost(seen + 1, seq - 1, seq - 1 - seen, True) if seq > seen + 1 else None

    def on_head(self, head: int) -> Verdict:
        """A heartbeat came: all records through `head` have been sent."""
        seen = self._seen
        if head < seen:
            self.begin(head)
            return WENT_BACK
        self._seen = head
        if self._topics is not None or head == seen:
            return None
        return Lost(seen + 1, head, head - seen, True)
