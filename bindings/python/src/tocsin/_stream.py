"""A stream's protocol, without any waiting: who uses it waits for `sockets` until `wake_at` and asks again.

A session is opened from a place in the log, and given credit; batches come, are told record by record, and each moves
the cursor. The broker goes away or forgets the session: another one is opened behind the cursor, on a new socket. What a
sound broker cannot say ends the session too, and is asked for again: nothing is skipped."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, NoReturn, Optional

import zmq

from ._cursor import CursorKeeper
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
from ._stream_place import Place, Unsound
from ._stream_session import Session
from ._where import Where

MESSAGE_ROOM = 2 << 20  # a message is longer than its longest event by less


class StreamCore:
    def __init__(self, where: Where, options: StreamOptions) -> None:
        self._options = options
        self._wanted = Wanted(options.filters, options.exclude, options.types, Level.of(options.level))
        if options.log_id is not None and not is_log_id(options.log_id):
            raise ValueError(f"no log's id: {options.log_id!r}")
        if options.credit_bytes <= 0:
            raise ValueError("no credit: nothing would come")
        keeps_log = options.log_id is not None or options.cursor_file is not None
        self._place = Place(start_of(options.start), options.latest, options.log_id, keeps_log)
        self.is_ended = False
        self._error: Optional[TocsinError] = None
        self._is_lost = False
        self._owed = 0  # bytes taken, and not given credit for again
        self.wake_at = 0.0
        self._batch: list[Any] = []
        self._batch_next = 0
        self._batch_upto = 0
        self._batch_bytes = 0
        self._notices: deque[Message] = deque()
        self._keeper: Optional[CursorKeeper] = None
        if options.cursor_file is not None:
            self._keeper = CursorKeeper(options.cursor_file, options.cursor_interval)
            if self._keeper.found:
                self._place.go_on_behind(self._keeper.found)
        self._session = Session(where, options.max_event_bytes + MESSAGE_ROOM, options.silence_timeout)

    @property
    def sockets(self) -> list[zmq.Socket[bytes]]:
        return self._session.sockets

    @property
    def is_open(self) -> bool:
        return self._session.is_open

    @property
    def is_refused(self) -> bool:
        """Whether the broker turned the connection itself away."""
        return self._session.is_refused

    @property
    def cursor(self) -> int:
        """The seq through which all that matches has been told; 0: begin as the first time."""
        return self._place.cursor

    @property
    def log_id(self) -> str:
        return self._place.log_id

    @property
    def head(self) -> int:
        return self._place.head

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
            self._place.end_batch(self._batch_upto)
            self._end_batch()
            return None
        try:
            record = record_of(self._batch[self._batch_next])
            is_new = self._place.take(record.seq, self._batch_upto)
        except (ProtocolError, Unsound):
            self._refuse()
        self._batch_next += 1
        event = record.event
        return record if is_new and self._wanted.takes(event.topic, event.type, event.level) else None

    def _end_batch(self) -> None:
        self._owed += self._batch_bytes
        self._batch_bytes = 0
        self._batch = []
        if self._owed >= (self._options.credit_bytes + 1) // 2:
            self._session.say(["credit", self._owed])
            self._owed = 0

    # --- messages ---

    def look(self, now: float) -> bool:
        """Takes one message, or looks after the session. False: there is nothing to do before `wake_at`."""
        if self._error:
            raise self._error
        data = self._session.receive()
        if data is None:
            return self._tend(now)
        try:
            message = unpack(data)
            act = _VERBS.get(message[0])  # a verb newer than we is passed over
            if act:
                act(self, message, len(data))
        except (ProtocolError, Unsound):
            if self._error:
                raise
            self._refuse()
        return True

    def _take_opened(self, message: list[Any], length: int) -> None:
        is_good = len(message) == 5 and message[1] == 1 and is_log_id(message[2])
        if self.is_open or not is_good or not is_uint(message[3]) or not message[3] or not is_uint(message[4]):
            raise Unsound
        _, _, log_id, begin, head = message
        try:
            goes_on = self._place.open(log_id, begin, head)
        except OtherLog as error:
            self._fail(error)
        if self._is_lost:
            self._notices.append(ConnectionRestored(head, log_id))
        self._is_lost = False
        if not goes_on:
            self._notices.append(LogReset(head, log_id))
            self._restart()
            return
        self._session.is_open = True
        self._session.say(["credit", self._options.credit_bytes])

    def _check(self, message: list[Any], count: int) -> None:
        """A message of an open session: numbers behind the verb."""
        if not self.is_open or len(message) != count or not all(is_uint(number) for number in message[1:]):
            raise Unsound

    def _take_batch(self, message: list[Any], length: int) -> None:
        self._check(message[:2], 2)
        if len(message) != 3 or type(message[2]) is not list:
            raise Unsound
        _, self._batch_upto, self._batch = message
        self._batch_next, self._batch_bytes = 0, length
        self._session.reset_pause()
        self._place.begin_batch(not self._batch, self._batch_upto)

    def _take_hole(self, message: list[Any], length: int) -> None:
        self._check(message, 3)
        self._notices.append(Hole(self._place.pass_hole(message[1], message[2]), message[2]))

    def _take_end(self, message: list[Any], length: int) -> None:
        self._check(message, 2)
        if self._options.follow:
            raise Unsound
        self._place.end(message[1])
        self.is_ended = True
        self._notices.append(End(message[1]))
        self._disconnect()

    def _take_error(self, message: list[Any], length: int) -> None:
        if len(message) != 3 or message[1] == "protocol":
            raise Unsound
        _, code, text = message
        if code == "version":
            self._fail(ProtocolError(f"the broker says: {text}"))
        if code == "denied":
            self._fail(Denied(f"the broker says: {text}"))
        self._restart()

    def _take_ping(self, message: list[Any], length: int) -> None:
        self._session.say(["pong"])

    # --- the session ---

    def _refuse(self) -> NoReturn:
        self._restart()
        raise ProtocolError("what came is nothing that a broker of this protocol says; it is asked for again")

    def _fail(self, error: TocsinError) -> NoReturn:
        self._disconnect()
        self._error = error
        raise error

    def _disconnect(self) -> None:
        self._batch, self._batch_bytes = [], 0
        self._session.end()

    def _restart(self) -> None:
        self._batch, self._batch_bytes = [], 0
        self._session.restart()

    def _tend(self, now: float) -> bool:
        """Nothing is there to be read: looks after the session. False: there is nothing to be told either."""
        session = self._session
        session.tend(now)
        if session.is_silent and self._place.is_placed and not self._is_lost:
            self._is_lost = True
            self._notices.append(ConnectionLost())
        if session.is_due(now):
            self._owed = 0
            session.begin(now, self._opening())
        self.wake_at = session.wake_at
        return bool(self._notices)

    def _opening(self) -> list[Any]:
        start, latest = self._place.terms
        types = self._wanted.types if len(self._wanted.types) <= TYPES_MAX else []
        terms = {
            "from": start, "filters": prefixes_for_broker(self._wanted), "level": Level(self._wanted.level).word,
            "types": types, "latest": latest, "follow": self._options.follow,
        }  # fmt: skip
        return ["open", 1, terms]

    # --- what is handled ---

    def commit(self, must_write: bool = False) -> None:
        """All that was told is handled: the cursor's file may say so, at once with must_write."""
        handled = self._place.handled
        if self._keeper and handled:
            self._keeper.commit(handled, must_write)

    def close(self) -> None:
        self._session.close()
        if self._keeper:
            self._keeper.close()


_VERBS: dict[str, Callable[[StreamCore, list[Any], int], None]] = {
    "batch": StreamCore._take_batch,
    "opened": StreamCore._take_opened,
    "hole": StreamCore._take_hole,
    "end": StreamCore._take_end,
    "error": StreamCore._take_error,
    "ping": StreamCore._take_ping,
}
