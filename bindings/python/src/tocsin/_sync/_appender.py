"""Acknowledged, with a thread that keeps the session."""

from __future__ import annotations

import socket as _sockets
import threading
import time
from typing import Optional

from .._append import AppendCore, AppendOptions, Receipt
from .._base import call, deadline_of, unreachable
from .._errors import Closed, QueueFull, TimedOut
from .._event import Event
from .._where import Where
from ._handle import POLL_MAX, Handle, wait


class Appender(Handle):
    """Publishes with acknowledgement: an event is settled when it is on the broker's disk. A thread sends, as many at a
    time as the broker's window allows, and sends again what was not acknowledged when a connection breaks or the broker
    restarts: each event is in the log once. Several threads may use it at once."""

    def __init__(self, where: Where, options: AppendOptions) -> None:
        self._options = options
        self._core = AppendCore(where, options)
        self._changed = threading.Condition()
        self._is_closed = False  # takes nothing any more
        self._is_closing = False  # ends its thread
        self._is_idle = False
        self._wake, self._waker = _sockets.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="tocsin-appender", daemon=True)
        self._thread.start()
        try:
            self._wait_welcome(where)
        except BaseException:
            self._end()
            raise

    def _wait_welcome(self, where: Where) -> None:
        deadline = deadline_of(where.timeout)
        with self._changed:
            while not self._core.is_welcome and not self._core.error:
                if not self._wait_change(deadline):
                    raise unreachable(where, "append", self._core.is_refused)
            if self._core.error:
                raise self._core.error

    def _wait_change(self, deadline: float) -> bool:
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        self._changed.wait(min(left, POLL_MAX))
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._is_closing:
                    return
                if self._core.step(time.monotonic()):
                    self._changed.notify_all()
                due, self._core.events = self._core.events, []
                sockets, until = [self._wake, *self._core.sockets], self._core.wake_at
                self._is_idle = True
            for callback, told in due:
                call(callback, told)
            wait(sockets, until)
            self._take_wakes()

    def _take_wakes(self) -> None:
        try:
            while self._wake.recv(4096):
                pass
        except BlockingIOError:
            pass

    def _ring(self) -> None:
        try:
            self._waker.send(b"\0")
        except BlockingIOError:
            pass  # full: it rings already

    def submit(self, event: Event) -> int:
        """Takes the event into the queue, and returns its number. Refused: it breaks a rule; QueueFull: no room within
        send_timeout; Fenced: a newer incarnation has taken over. After an error the event was not taken."""
        data = event.encode(self._options.max_event_bytes)
        with self._changed:
            self._check_open()
            if not self._core.fits(len(data)):
                self._wait_room(len(data))
            n = self._core.add(data)
            must_ring, self._is_idle = self._is_idle, False
        if must_ring:
            self._ring()
        return n

    def _wait_room(self, length: int) -> None:
        deadline = deadline_of(self._options.send_timeout)
        while not self._core.fits(length):
            if not self._wait_change(deadline):
                raise QueueFull("no room in the queue")
            self._check_open()

    def _check_open(self) -> None:
        if self._core.error:
            raise self._core.error
        if self._is_closed:
            raise Closed("the appender is closed")

    def wait(self, n: int, timeout: Optional[float] = None) -> Receipt:
        """Waits until event `n` is settled. Refused: the broker refused it, for what is not checked here; TimedOut."""
        deadline = deadline_of(timeout)
        with self._changed:
            while (receipt := self._core.outcome(n)) is None:
                if not self._wait_change(deadline):
                    raise TimedOut(f"event {n} is not settled yet")
            return receipt

    def append(self, event: Event, timeout: Optional[float] = None) -> Receipt:
        """submit and wait: the event is on the broker's disk."""
        return self.wait(self.submit(event), timeout)

    def flush(self, timeout: Optional[float] = None) -> Receipt:
        """Waits until all events submitted so far are settled, also those that the broker refused."""
        deadline = deadline_of(timeout)
        with self._changed:
            last = self._core.next_n - 1
            while last >= self._core.first_n:
                if self._core.error:
                    raise self._core.error
                if not self._wait_change(deadline):
                    raise TimedOut(f"{self._core.unsettled} events are not settled yet")
            return self._core.receipt

    @property
    def unsettled(self) -> int:
        """Events taken and not acknowledged yet."""
        with self._changed:
            return self._core.unsettled

    @property
    def sessions(self) -> int:
        """With the broker so far: one, and one for each break."""
        return self._core.sessions

    def close(self) -> None:
        """Waits for what is not settled for up to close_timeout, and ends the handle in any case. TimedOut: some may be
        lost; Fenced."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self.flush(self._options.close_timeout)
        finally:
            self._end()

    def _end(self) -> None:
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._ring()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._core.close()
        self._wake.close()
        self._waker.close()
