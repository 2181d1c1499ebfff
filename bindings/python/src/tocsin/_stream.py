"""A stream's protocol, without any waiting: who uses it waits for `sockets` until `wake_at` and asks again.

A session is opened from a place in the log, and given credit; batches come, are told record by record, and each moves
the cursor. The broker goes away or forgets the session: another one is opened behind the cursor, on a new socket. What a
sound broker cannot say ends the session too, and is asked for again: nothing is skipped."""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Callable, Optional

import zmq

from . import _msgpack, _socket
from ._cursor import Cursor, CursorKeeper
from ._errors import Denied, OtherLog, ProtocolError, TocsinError
from ._event import Level
from ._filter import TYPES_MAX, Wanted
from ._message import (
    ConnectionLost,
    ConnectionRestored,
    End,
    Hole,
    LogReset,
    Message,
    Record,
    is_log_id,
    is_uint,
    record_of,
    unpack,
)
from ._stream_options import StreamOptions, prefixes_for_broker, start_of
from ._where import Where

_PAUSE_MIN = 0.02
_PAUSE_MAX = 1.0
_TICK = 0.5
_ASK = 1.5  # of silence: then it is asked whether the session is there still
_SAY = 15.0  # the broker forgets who says nothing for a minute
_ABSENT = 1.0  # a look that comes so long after the last one: the silence between was ours
MESSAGE_ROOM = 2 << 20  # a message is longer than its longest event by less


class StreamCore:
    def __init__(self, where: Where, options: StreamOptions) -> None:
        self._where = where
        self._options = options
        self._wanted = Wanted(options.filters, options.exclude, options.types, Level.of(options.level))
        self._start = start_of(options.start)
        self._latest = options.latest
        self._keeps_log = options.log_id is not None or options.cursor_file is not None
        if options.log_id is not None and not is_log_id(options.log_id):
            raise ValueError(f"no log's id: {options.log_id!r}")
        if options.credit_bytes <= 0:
            raise ValueError("no credit: nothing would come")
        self.log_id = options.log_id or ""
        self.head = 0
        self._is_placed = False
        self._from = 0  # the first seq that is no latest one
        self._is_in_latest = False
        self._latest_told = 0
        self._cursor = 0
        self.is_open = False
        self.is_ended = False
        self._error: Optional[TocsinError] = None
        self._dealer: Optional[_socket.Dealer] = None
        self._is_lost = False
        self._owed = 0  # bytes taken, and not given credit for again
        self._pause = 0.0
        self._begun_at = self._retry_at = self._said_at = self._asked_at = self._waited_at = 0.0
        self._heard_at: Optional[float] = 0.0
        self.wake_at = 0.0
        self._batch: list[Any] = []
        self._batch_next = 0
        self._batch_upto = 0
        self._batch_bytes = 0
        self._notices: deque[Message] = deque()
        self._keeper: Optional[CursorKeeper] = None
        if options.cursor_file is not None:
            self._keeper = CursorKeeper(options.cursor_file, options.cursor_interval)
            self._go_on_behind(self._keeper.found)
        self._context = _socket.acquire(where.context)

    def _go_on_behind(self, cursor: Optional[Cursor]) -> None:
        if cursor:
            self._start, self._latest = cursor.seq + 1, False
            self.head, self.log_id = cursor.seq, cursor.log_id

    @property
    def sockets(self) -> list[zmq.Socket[bytes]]:
        return self._dealer.sockets if self._dealer else []

    @property
    def is_refused(self) -> bool:
        """Whether the broker turned the connection itself away."""
        return self._dealer is not None and self._dealer.watch.is_refused

    @property
    def cursor(self) -> int:
        """The seq through which all that matches has been told; 0: begin as the first time."""
        return self._cursor if self._is_placed and not self._is_in_latest else 0

    def take(self, now: float) -> Optional[Message]:
        """What comes next, None where nothing is there now."""
        while True:
            if self._notices:
                return self._notices.popleft()
            if self._batch_bytes:
                record = self._next_record()
                if record:
                    return record
            elif self.is_ended or not self.look(now):
                return None

    # --- the batch ---

    def _next_record(self) -> Optional[Record]:
        if self._batch_next == len(self._batch):
            if not self._is_in_latest:
                self._move(self._batch_upto)
            self._end_batch()
            return None
        try:
            record = record_of(self._batch[self._batch_next])
        except ProtocolError:
            self._refuse()
        self._batch_next += 1
        is_new = self._take_place(record.seq)
        event = record.event
        return record if is_new and self._wanted.takes(event.topic, event.type, event.level) else None

    def _take_place(self, seq: int) -> bool:
        if seq > self._batch_upto:
            self._refuse()
        if self._is_in_latest and seq < self._from:
            is_new = seq > self._latest_told
            self._latest_told = max(seq, self._latest_told)
            return is_new
        if seq <= self._cursor:
            self._refuse()
        self._move(seq)
        return True

    def _move(self, seq: int) -> None:
        self._is_in_latest = False
        self._cursor = seq
        self.head = max(seq, self.head)

    def _end_batch(self) -> None:
        self._owed += self._batch_bytes
        self._batch_bytes = 0
        self._batch = []
        if self._owed >= (self._options.credit_bytes + 1) // 2:
            self._say(["credit", self._owed])
            self._owed = 0

    # --- messages ---

    def look(self, now: float) -> bool:
        """Takes one message, or looks after the session. False: there is nothing to do before `wake_at`."""
        if self._error:
            raise self._error
        data = self._dealer.receive() if self._dealer else None
        if data is None:
            return self._tend(now)
        self._heard_at = None
        try:
            message = unpack(data)
        except ProtocolError:
            self._refuse()
        if message[0] == "batch":
            self._take_batch(message, len(data))
            return True
        act = _VERBS.get(message[0])  # a verb newer than we is passed over
        if act:
            act(self, message)
        return True

    def _take_batch(self, message: list[Any], length: int) -> None:
        if not self.is_open or len(message) != 3 or not is_uint(message[1]) or type(message[2]) is not list:
            self._refuse()
        _, self._batch_upto, self._batch = message
        self._batch_next, self._batch_bytes, self._pause = 0, length, 0.0
        if self._is_in_latest and (not self._batch or self._batch_upto >= self._from):
            self._move(self._from - 1)
        if self._batch_upto < self._cursor:
            self._refuse()

    def _take_opened(self, message: list[Any]) -> None:
        is_good = len(message) == 5 and message[1] == 1 and is_log_id(message[2])
        if self.is_open or not is_good or not is_uint(message[3]) or not message[3] or not is_uint(message[4]):
            self._refuse()
        _, _, log_id, begin, head = message
        is_same_log = not self.log_id or log_id == self.log_id
        if not is_same_log and self._keeps_log:
            self._fail(OtherLog(f"the cursor is of the log {self.log_id}, and the broker writes {log_id}"))
        if self._is_lost:
            self._notices.append(ConnectionRestored(head, log_id))
        self._is_lost = False
        if not is_same_log or head < self.head:
            self._reset(log_id, head, is_same_log)
            return
        self.head = head
        if not self._is_placed:
            self._is_placed = True
            self.log_id, self._from, self._cursor = log_id, begin, begin - 1
            self._is_in_latest, self._latest_told = self._latest, 0
        elif begin != (self._from if self._is_in_latest else self._cursor + 1):
            self._refuse()
        self.is_open = True
        self._say(["credit", self._options.credit_bytes])

    def _reset(self, log_id: str, head: int, is_same_log: bool) -> None:
        self.log_id, self.head, self._cursor = log_id, head, head
        self._is_in_latest = False
        self._is_placed = is_same_log
        if not is_same_log:
            self._start, self._latest = "first", False
        self._notices.append(LogReset(head, log_id))
        self._restart()

    def _take_hole(self, message: list[Any]) -> None:
        if not self.is_open or len(message) != 3 or not is_uint(message[1]) or not is_uint(message[2]):
            self._refuse()
        _, first, last = message
        if first > self._cursor + 1 or last <= self._cursor or first > last:
            self._refuse()
        self._notices.append(Hole(self._cursor + 1, last))
        self._move(last)

    def _take_end(self, message: list[Any]) -> None:
        if not self.is_open or len(message) != 2 or not is_uint(message[1]) or self._options.follow:
            self._refuse()
        if message[1] < self._cursor:
            self._refuse()
        self._move(message[1])
        self.is_ended = True
        self._notices.append(End(message[1]))
        self._disconnect()

    def _take_error(self, message: list[Any]) -> None:
        if len(message) != 3:
            self._refuse()
        _, code, text = message
        if code == "version":
            self._fail(ProtocolError(f"the broker says: {text}"))
        if code == "denied":
            self._fail(Denied(f"the broker says: {text}"))
        if code == "protocol":
            self._refuse()
        self._restart()

    def _take_ping(self, message: list[Any]) -> None:
        self._say(["pong"])

    # --- the session ---

    def _say(self, message: list[Any]) -> None:
        self._said_at = time.monotonic()
        if self._dealer:
            self._dealer.send(_msgpack.pack(message))

    def _refuse(self) -> Any:
        self._restart()
        raise ProtocolError("what came is nothing that a broker of this protocol says; it is asked for again")

    def _fail(self, error: TocsinError) -> None:
        self._disconnect()
        self._error = error
        raise error

    def _disconnect(self) -> None:
        self._batch, self._batch_bytes = [], 0
        self.is_open = False
        if self._dealer:
            self._dealer.close()
        self._dealer = None

    def _restart(self) -> None:
        self._disconnect()
        self._pause = min(max(2 * self._pause, _PAUSE_MIN), _PAUSE_MAX)
        self._retry_at = time.monotonic() + self._pause

    def _begin(self, now: float) -> None:
        self._begun_at = self._asked_at = now
        self._owed = 0
        try:
            limit = self._options.max_event_bytes + MESSAGE_ROOM
            self._dealer = _socket.Dealer(self._context, self._where, "stream", limit)
        except zmq.ZMQError:  # out of files
            self._restart()
            return
        start, latest = self._start, self._latest
        if self._is_placed:
            start, latest = (self._from if self._is_in_latest else self._cursor + 1), self._is_in_latest
        types = self._wanted.types if len(self._wanted.types) <= TYPES_MAX else []
        terms = {
            "from": start, "filters": prefixes_for_broker(self._wanted), "level": Level(self._wanted.level).word,
            "types": types, "latest": latest, "follow": self._options.follow,
        }  # fmt: skip
        self._say(["open", 1, terms])

    def _tend(self, now: float) -> bool:
        """Nothing is there to be read: looks after the session. False: there is nothing to be told either."""
        if self._heard_at is None or now - self._waited_at >= _ABSENT:
            self._heard_at = now
        self._waited_at = now
        if self._dealer and not self._is_well(now, now - self._heard_at):
            self._restart()
        if not self._dealer and now >= self._retry_at:
            self._begin(now)
        self.wake_at = now + _TICK if self._dealer else self._retry_at
        return bool(self._notices)

    def _is_well(self, now: float, silent: float) -> bool:
        assert self._dealer
        if self._dealer.watch.look() > 1:
            return False
        is_silent = silent >= self._options.silence_timeout
        if is_silent and self._is_placed and not self._is_lost:
            self._is_lost = True
            self._notices.append(ConnectionLost())
        if not self.is_open:
            is_waited_for = now - self._begun_at < self._options.silence_timeout
            return self._dealer.watch.handshakes == 0 or is_waited_for
        if not is_silent:
            self._keep_alive(now, silent)
        return not is_silent

    def _keep_alive(self, now: float, silent: float) -> None:
        """Credit of nothing asks whether the session is known: a broker that has lost it answers that there is none."""
        if (silent < _ASK or now - self._asked_at < _ASK) and now - self._said_at < _SAY:
            return
        self._asked_at = now
        self._say(["credit", 0])
        self._say(["ping"])

    # --- what is handled ---

    def commit(self, must_write: bool = False) -> None:
        """All that was told is handled: the cursor's file may say so, at once with must_write."""
        if not self._is_placed or self._is_in_latest or self._cursor > self.head:
            return  # the latter: a place that the log has not reached
        if self._keeper:
            self._keeper.commit(Cursor(self.log_id, self._cursor), must_write)

    def close(self) -> None:
        if self.is_open:
            self._say(["close"])
        self._disconnect()
        _socket.release(self._context)
        if self._keeper:
            self._keeper.close()


_VERBS: dict[str, Callable[[StreamCore, list[Any]], None]] = {
    "opened": StreamCore._take_opened,
    "hole": StreamCore._take_hole,
    "end": StreamCore._take_end,
    "error": StreamCore._take_error,
    "ping": StreamCore._take_ping,
}
