"""Sockets as libtocsin sets them up, one context for all of the process, and a watch on a socket's handshakes."""

from __future__ import annotations

import os
import struct
import threading
from typing import Optional

import zmq

from ._where import Where

_lock = threading.Lock()
_shared: Optional[zmq.Context[zmq.Socket[bytes]]] = None
_shared_pid = 0
_users = 0

_HANDSHAKE = zmq.EVENT_HANDSHAKE_SUCCEEDED
_REFUSED = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL


def acquire(own: Optional[zmq.Context[zmq.Socket[bytes]]]) -> zmq.Context[zmq.Socket[bytes]]:
    """The caller's context, or the one that all handles of the process share."""
    global _shared, _shared_pid, _users
    if own is not None:
        return zmq.Context.shadow(own.underlying)  # whose sockets are plain ones, also of zmq.asyncio's
    with _lock:
        if _shared is None or _shared_pid != os.getpid():
            _shared, _shared_pid, _users = zmq.Context(), os.getpid(), 0
        _users += 1
        return _shared


def release(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    """The last one to let go waits until what its sockets still linger for has left."""
    global _shared, _users
    with _lock:
        if context is not _shared or _shared_pid != os.getpid():
            return
        _users -= 1
        if _users > 0:
            return
        _shared = None
    context.term()


def open_socket(
    context: zmq.Context[zmq.Socket[bytes]], kind: int, where: Where, door: str, max_message_bytes: int
) -> zmq.Socket[bytes]:
    """A socket that is not connected yet, so that more can be set."""
    socket = context.socket(kind)
    options = (
        (zmq.LINGER, 0), (zmq.RECONNECT_IVL, 100), (zmq.RECONNECT_IVL_MAX, 2000), (zmq.HANDSHAKE_IVL, 5000),
        (zmq.TCP_KEEPALIVE, 1), (zmq.TCP_KEEPALIVE_IDLE, 30), (zmq.TCP_KEEPALIVE_INTVL, 5),
        (zmq.TCP_KEEPALIVE_CNT, 3), (zmq.TCP_MAXRT, 15000), (zmq.SNDHWM, 0), (zmq.RCVHWM, 0),
        (zmq.MAXMSGSIZE, max_message_bytes), (zmq.IPV6, int(where.endpoint(door).startswith("tcp://["))),
    )  # fmt: skip
    for option, value in options:
        socket.setsockopt(option, value)
    if where.keys is not None:
        socket.setsockopt(zmq.CURVE_SERVERKEY, where.keys.server.encode())
        socket.setsockopt(zmq.CURVE_PUBLICKEY, where.keys.public.encode())
        socket.setsockopt(zmq.CURVE_SECRETKEY, where.keys.secret.encode())
    return socket


def connect(socket: zmq.Socket[bytes], endpoint: str) -> None:
    """Connects, or closes the socket: ValueError where the endpoint is none."""
    try:
        socket.connect(endpoint)
    except zmq.ZMQError as error:
        socket.disable_monitor()
        socket.close(0)
        raise ValueError(f"{endpoint}: {error}") from None


class Watch:
    """Counts a socket's handshakes: more than one means that the broker came back and does not know us."""

    def __init__(self, watched: zmq.Socket[bytes]) -> None:
        self._watched = watched
        self.socket = watched.get_monitor_socket(_HANDSHAKE | _REFUSED)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.handshakes = 0
        self.is_refused = False  #: the broker did not take our keys, or speaks without

    def look(self) -> int:
        """Takes what happened; returns how many handshakes there were in all."""
        while True:
            try:
                event, *_ = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return self.handshakes
            number = struct.unpack_from("=H", event)[0]
            self.handshakes += number == _HANDSHAKE
            self.is_refused = number != _HANDSHAKE

    def close(self) -> None:
        self._watched.disable_monitor()
        self.socket.close(0)


class Dealer:
    """A DEALER connected to a door, with its watch: one session's, so that nothing of an earlier one can come in."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], where: Where, door: str, max_message_bytes: int) -> None:
        self.socket = open_socket(context, zmq.DEALER, where, door, max_message_bytes)
        try:
            self.watch = Watch(self.socket)
            self.socket.connect(where.endpoint(door))
        except zmq.ZMQError:
            self.socket.disable_monitor()
            self.socket.close(0)
            raise

    @property
    def sockets(self) -> list[zmq.Socket[bytes]]:
        return [self.socket, self.watch.socket]

    def send(self, data: bytes) -> None:
        """Without a high water mark it is taken at once."""
        self.socket.send(data, zmq.NOBLOCK)

    def receive(self) -> Optional[bytes]:
        """One message, None where there is none now; of several frames they come as no message at all."""
        try:
            frames = self.socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return None
        return frames[0] if len(frames) == 1 else b""

    def close(self) -> None:
        self.watch.close()
        self.socket.close(0)
