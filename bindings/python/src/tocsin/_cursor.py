"""A cursor kept in a file: one line, "tocsin-cursor 1 LOG_ID SEQ", as libtocsin has it. Written beside and renamed, and
forced to the disk, so that it is always the old one or the new one. A lock beside it keeps a second process away."""

from __future__ import annotations

import os
import re
import time
from typing import NamedTuple, Optional, Union

from ._errors import CursorError

try:
    import fcntl
except ImportError:  # Windows: without the lock
    fcntl = None  # type: ignore[assignment]

_LINE = re.compile(r"tocsin-cursor 1 ([0-9a-f]{32}) ([0-9]{1,20})\n")


class Cursor(NamedTuple):
    """All through `seq` of the log `log_id` is handled."""

    log_id: str
    seq: int


class CursorFile:
    def __init__(self, path: Union[str, os.PathLike[str]]) -> None:
        self._path = os.fspath(path)
        self._lock: Optional[int] = os.open(self._path + ".lock", os.O_RDWR | os.O_CREAT, 0o666)
        if fcntl is None:
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.close()
            is_taken = isinstance(error, BlockingIOError)
            raise CursorError(f"{self._path}: {'another process uses it' if is_taken else error}") from None

    def read(self) -> Optional[Cursor]:
        """None where there is no file yet."""
        try:
            with open(self._path, "rb") as file:
                text = file.read(129).decode("ascii", "replace")
        except FileNotFoundError:
            return None
        match = _LINE.fullmatch(text)
        if not match or int(match.group(2)) >= 2**64 - 1:
            raise CursorError(f"{self._path}: it is no cursor")
        return Cursor(match.group(1), int(match.group(2)))

    def write(self, cursor: Cursor) -> None:
        """On the disk when it returns."""
        with open(self._path + ".new", "w", encoding="ascii") as file:
            file.write(f"tocsin-cursor 1 {cursor.log_id} {cursor.seq}\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(self._path + ".new", self._path)
        if hasattr(os, "O_DIRECTORY"):
            folder = os.open(os.path.dirname(self._path) or ".", os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None


class CursorKeeper:
    """How far what a stream told is handled, and the file that says so."""

    def __init__(self, path: Union[str, os.PathLike[str]], interval: float) -> None:
        self._interval = interval
        self._filed_at = 0.0
        self._file: Optional[CursorFile] = CursorFile(path)
        try:
            self.found = self._committed = self._filed = self._file.read()
        except CursorError:
            self._file.close()
            raise

    def commit(self, cursor: Cursor, must_write: bool) -> None:
        """All through there is handled; the file says so within the interval, or at once."""
        self._committed = cursor
        if must_write or time.monotonic() - self._filed_at >= self._interval:
            self._write()

    def _write(self) -> None:
        if not self._file or not self._committed or not self._committed.seq or self._committed == self._filed:
            return
        self._filed_at = time.monotonic()
        self._file.write(self._committed)
        self._filed = self._committed

    def close(self) -> None:
        if not self._file:
            return
        try:
            self._write()
        finally:
            self._file.close()
            self._file = None
