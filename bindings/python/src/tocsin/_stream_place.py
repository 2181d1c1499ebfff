"""Where a stream stands in the log, and what a sound broker can say of it; without sockets and without a clock.

The latest of every topic come first where they are asked for, in any order of their own; behind them, and without them from
the beginning, seq only rises."""

from __future__ import annotations

from typing import Any, Optional

from ._cursor import Cursor
from ._errors import OtherLog


class Unsound(Exception):
    """A sound broker cannot say this."""


class Place:
    def __init__(self, start: Any, is_latest_wanted: bool, log_id: Optional[str], keeps_log: bool) -> None:
        self._start = start
        self._is_latest_wanted = is_latest_wanted
        self._keeps_log = keeps_log
        self.log_id = log_id or ""
        self.head = 0
        self.is_placed = False
        self._begin = 0  # the first seq that is no latest one
        self._is_in_latest = False
        self._latest_told = 0
        self._at = 0

    def go_on_behind(self, cursor: Cursor) -> None:
        """Before anything was opened: the place is that of an earlier run."""
        self._start, self._is_latest_wanted = cursor.seq + 1, False
        self.head, self.log_id = cursor.seq, cursor.log_id

    @property
    def cursor(self) -> int:
        """The seq through which all that matches has been told; 0: begin as the first time."""
        return self._at if self.is_placed and not self._is_in_latest else 0

    @property
    def handled(self) -> Optional[Cursor]:
        """What a cursor's file may say; None while that is nothing, or a place that the log has not reached."""
        return Cursor(self.log_id, self.cursor) if 0 < self.cursor <= self.head else None

    @property
    def terms(self) -> tuple[Any, bool]:
        """From where to ask, and whether for the latest."""
        if not self.is_placed:
            return self._start, self._is_latest_wanted
        return (self._begin if self._is_in_latest else self._at + 1), self._is_in_latest

    def open(self, log_id: str, begin: int, head: int) -> bool:
        """The broker begins there. False: its log is another one or went back, and it is to be asked anew. OtherLog where
        the log is given."""
        is_same_log = not self.log_id or log_id == self.log_id
        if not is_same_log and self._keeps_log:
            raise OtherLog(f"the cursor is of the log {self.log_id}, and the broker writes {log_id}")
        if not is_same_log or head < self.head:
            self._reset(log_id, head, is_same_log)
            return False
        if self.is_placed and begin != self.terms[0]:
            raise Unsound
        self.head = head
        if not self.is_placed:
            self.is_placed = True
            self.log_id, self._begin, self._at = log_id, begin, begin - 1
            self._is_in_latest, self._latest_told = self._is_latest_wanted, 0
        return True

    def _reset(self, log_id: str, head: int, is_same_log: bool) -> None:
        self.log_id, self.head, self._at = log_id, head, head
        self._is_in_latest = False
        self.is_placed = is_same_log
        if not is_same_log:
            self._start, self._is_latest_wanted = "first", False

    def begin_batch(self, is_empty: bool, upto: int) -> None:
        """A batch came whose records are at or below `upto`."""
        if self._is_in_latest and (is_empty or upto >= self._begin):
            self._move(self._begin - 1)
        if upto < self._at:
            raise Unsound

    def take(self, seq: int, upto: int) -> bool:
        """A record of it; whether it was not told yet."""
        if seq > upto:
            raise Unsound
        if self._is_in_latest and seq < self._begin:
            is_new = seq > self._latest_told
            self._latest_told = max(seq, self._latest_told)
            return is_new
        if seq <= self._at:
            raise Unsound
        self._move(seq)
        return True

    def end_batch(self, upto: int) -> None:
        if not self._is_in_latest:
            self._move(upto)

    def pass_hole(self, first: int, last: int) -> int:
        """The first seq that is missing here."""
        missing = self._at + 1
        if first > missing or last < missing or first > last:
            raise Unsound
        self._move(last)
        return missing

    def end(self, last: int) -> None:
        if last < self._at:
            raise Unsound
        self._move(last)

    def _move(self, seq: int) -> None:
        self._is_in_latest = False
        self._at = seq
        self.head = max(seq, self.head)
