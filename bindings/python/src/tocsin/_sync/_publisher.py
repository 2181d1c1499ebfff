"""Fire and forget, with a thread that sends what waits."""

from __future__ import annotations

import threading
import time
from typing import Optional

from .._base import deadline_of, unreachable
from .._errors import Closed, QueueFull, TimedOut, TocsinError, Unreachable
from .._event import Event
from .._publish import PublishCore, PublishOptions
from .._where import Where
from ._handle import Handle, wait

_ROOM_POLL = 0.001
_RETRY = 0.01


class Publisher(Handle):
    """Publishes: fire and forget. Opening waits until the broker takes events, so the first one is not lost. While the
    broker is away events wait in the handle, up to queue_bytes; then publishing waits, and fails: it never drops in
    silence. What was under way when a connection broke can be lost, for nothing is acknowledged. Several threads may use
    it at once."""

    def __init__(self, where: Where, options: PublishOptions) -> None:
        self._options = options
        self._where = where
        self._core: Optional[PublishCore] = PublishCore(where, options)
        self._condition = threading.Condition(threading.RLock())
        self._flusher: Optional[threading.Thread] = None
        deadline = deadline_of(where.timeout)
        try:
            self._wait_broker(deadline)
        except BaseException:
            self._core.close()
            raise
        if options.collects:
            self._flusher = threading.Thread(target=self._run_flusher, name="tocsin-publisher", daemon=True)
            self._flusher.start()

    def _wait_broker(self, deadline: float) -> None:
        core = self._open_core()
        while not core.look():
            if time.monotonic() >= deadline:
                raise unreachable(self._where, "ingest", core.is_refused)
            wait(core.sockets, deadline)

    def _open_core(self) -> PublishCore:
        if self._core is None:
            raise Closed("the publisher is closed")
        return self._core

    def publish(self, event: Event) -> None:
        """Checks and sends the event. Refused: it breaks a rule; QueueFull, Unreachable: not within send_timeout. After
        an error the event was not taken."""
        data = event.encode(self._options.max_event_bytes)
        with self._condition:
            core = self._open_core()
            if not core.fits(len(data)):
                self._send(deadline_of(self._options.send_timeout))
            was_empty = not core.has_frame
            core.add(data)
            if not self._options.collects:
                self._send_alone(core)
                return
            now = time.monotonic()
            is_due = now >= core.due_at
            if not (is_due and core.send(now)) and (was_empty or is_due):
                self._condition.notify_all()

    def _send_alone(self, core: PublishCore) -> None:
        try:
            self._send(deadline_of(self._options.send_timeout))
        except TocsinError:
            core.take_back()
            raise

    def _send(self, deadline: float) -> None:
        """Hands the collected frame over, waiting for broker and room; the lock is held."""
        core = self._open_core()
        while not core.send(time.monotonic()):
            now = time.monotonic()
            if now >= deadline:
                raise core.why_not_sent()
            wait(core.sockets, min(now + _ROOM_POLL, deadline))

    def _run_flusher(self) -> None:
        """Sends collected frames when they are due; tries again a little later when there is no room."""
        with self._condition:
            while (core := self._core) is not None:
                now = time.monotonic()
                if not core.has_frame:
                    self._condition.wait()
                elif now < core.due_at:
                    self._condition.wait(core.due_at - now)
                elif not core.send(now):
                    self._condition.wait(_RETRY)

    def flush(self, timeout: Optional[float] = 5.0) -> None:
        """Waits until all has been handed to the operating system. TimedOut: not in time; nothing is lost by that."""
        deadline = deadline_of(timeout)
        with self._condition:
            core = self._open_core()
            try:
                self._send(deadline)
            except (QueueFull, Unreachable):
                raise TimedOut("not all was sent in time") from None
            while not core.is_empty:
                if time.monotonic() >= deadline:
                    raise TimedOut("not all was sent in time")
                self._condition.wait(_ROOM_POLL)

    @property
    def waiting(self) -> int:
        """Events taken and not yet handed to the operating system."""
        with self._condition:
            return self._core.waiting if self._core else 0

    def close(self) -> None:
        """Flushes for up to close_timeout, and ends the handle in any case. TimedOut: some were never sent."""
        with self._condition:
            if self._core is None:
                return
            deadline = deadline_of(self._options.close_timeout)
            try:
                self.flush(self._options.close_timeout)
                while not self._core.is_settled and time.monotonic() < deadline:
                    wait(self._core.sockets, deadline)
            except TimedOut:
                pass
            core, self._core = self._core, None
            waiting = core.waiting
            core.close()
            self._condition.notify_all()
        if self._flusher:
            self._flusher.join()
        if waiting:
            raise TimedOut(f"{waiting} events were never sent")
