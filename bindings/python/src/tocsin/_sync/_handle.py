"""What all handles that block have in common."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional

import zmq

from .._errors import TocsinError

if TYPE_CHECKING:
    from typing_extensions import Self

POLL_MAX = 60.0


def wait(sockets: Sequence[Any], until: float) -> None:
    """For one of the sockets, or until then."""
    timeout = min(max(until - time.monotonic(), 0.0), POLL_MAX)
    if sockets:
        zmq.zmq_poll([(each, zmq.POLLIN) for each in sockets], math.ceil(timeout * 1000))
    else:
        time.sleep(timeout)


class Handle:
    """Ended by close(), or by leaving `with`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        try:
            self.close()
        except TocsinError:
            if error is None:
                raise

    def close(self) -> None:
        raise NotImplementedError
