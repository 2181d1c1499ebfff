"""A stream's sessions, one after the other, each on a socket of its own: when one is begun, what keeps it alive, and when it
counts as gone."""

from __future__ import annotations

import time
from typing import Any, Optional

import zmq

from . import _msgpack, _socket
from ._where import Where

_PAUSE_MIN = 0.02
_PAUSE_MAX = 1.0
_TICK = 0.5
_ASK = 1.5  # of silence: then it is asked whether the session is there still
_SAY = 15.0  # the broker forgets who says nothing for a minute
_ABSENT = 1.0  # a look that comes so long after the last one: the silence between was ours


class Session:
    def __init__(self, where: Where, max_message_bytes: int, silence_timeout: float) -> None:
        self._where = where
        self._max_message_bytes = max_message_bytes
        self._silence_timeout = silence_timeout
        self._context = _socket.acquire(where.context)
        self._dealer: Optional[_socket.Dealer] = None
        self.is_open = False  #: the broker has said so
        self.is_silent = False  #: for so long that the connection counts as lost
        self._pause = 0.0
        self._begun_at = self._retry_at = self._said_at = self._asked_at = self._looked_at = 0.0
        self._heard_at: Optional[float] = 0.0

    @property
    def sockets(self) -> list[zmq.Socket[bytes]]:
        return self._dealer.sockets if self._dealer else []

    @property
    def is_refused(self) -> bool:
        """Whether the broker turned the connection itself away."""
        return self._dealer is not None and self._dealer.watch.is_refused

    @property
    def wake_at(self) -> float:
        return self._looked_at + _TICK if self._dealer else self._retry_at

    def is_due(self, now: float) -> bool:
        """Whether there is none, and one is to be begun."""
        return self._dealer is None and now >= self._retry_at

    def begin(self, now: float, message: list[Any]) -> None:
        self._begun_at = self._asked_at = now
        try:
            self._dealer = _socket.Dealer(self._context, self._where, "stream", self._max_message_bytes)
        except zmq.ZMQError:  # out of files
            self.restart()
            return
        self.say(message)

    def receive(self) -> Optional[bytes]:
        data = self._dealer.receive() if self._dealer else None
        if data is not None:
            self._heard_at = None
        return data

    def say(self, message: list[Any]) -> None:
        self._said_at = time.monotonic()
        if self._dealer:
            self._dealer.send(_msgpack.pack(message))

    def reset_pause(self) -> None:
        """What came brought the stream forward."""
        self._pause = 0.0

    def tend(self, now: float) -> None:
        """Nothing is there to be read: asks after the session, or ends it."""
        if self._heard_at is None or now - self._looked_at >= _ABSENT:
            self._heard_at = now
        self._looked_at = now
        self.is_silent = self._dealer is not None and now - self._heard_at >= self._silence_timeout
        if self._dealer and not self._is_well(self._dealer, now):
            self.restart()
        elif self.is_open:
            self._keep_alive(now, now - self._heard_at)

    def _is_well(self, dealer: _socket.Dealer, now: float) -> bool:
        if dealer.watch.look() > 1:
            return False
        if not self.is_open:
            return dealer.watch.handshakes == 0 or now - self._begun_at < self._silence_timeout
        return not self.is_silent

    def _keep_alive(self, now: float, silent: float) -> None:
        """Credit of nothing asks whether the session is known: a broker that has lost it answers that there is none."""
        if (silent < _ASK or now - self._asked_at < _ASK) and now - self._said_at < _SAY:
            return
        self._asked_at = now
        self.say(["credit", 0])
        self.say(["ping"])

    def restart(self) -> None:
        """Ends it; the next one is due after a pause, which grows."""
        self.end()
        self._pause = min(max(2 * self._pause, _PAUSE_MIN), _PAUSE_MAX)
        self._retry_at = time.monotonic() + self._pause

    def end(self) -> None:
        self.is_open = False
        if self._dealer:
            self._dealer.close()
        self._dealer = None

    def close(self) -> None:
        if self.is_open:
            self.say(["close"])
        self.end()
        _socket.release(self._context)
