"""A link that can be cut: a TCP relay between a client and a broker that both go on living."""

import selectors
import socket
import struct
import threading

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close sends RST


class Relay:
    """Takes connections at `endpoint` and carries them on to `target`, "tcp://HOST:PORT". Use as a context."""

    def __init__(self, target, piece=65536):
        """`piece`: so many bytes at most are carried at a time, so that a slow link can be had."""
        host, port = target.removeprefix("tcp://").rsplit(":", 1)
        self.target = (host, int(port))
        self.piece = piece
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.carried = 0  # connections so far
        self.lock = threading.Lock()
        self.is_cut = False
        self.pairs = {}  # socket: the other end
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.wake, self.woken = socket.socketpair()
        self.selector.register(self.woken, selectors.EVENT_READ)
        self.is_closing = False
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_closing = True
        self.wake.send(b"x")
        self.thread.join()
        for end in [*self.pairs, self.listener, self.wake, self.woken]:
            end.close()

    def cut(self):
        """Resets what is open; from now on connections are ended as they come."""
        with self.lock:
            self.is_cut = True
            for end in list(self.pairs):
                self._end(end)

    def mend(self):
        with self.lock:
            self.is_cut = False

    def _end(self, end):
        """Ends the connection that this is one end of."""
        for either in (end, self.pairs.get(end)):
            if either in self.pairs:
                self.selector.unregister(either)
                del self.pairs[either]
                either.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                either.close()

    def _accept(self):
        near, _ = self.listener.accept()
        try:
            far = None if self.is_cut else socket.create_connection(self.target)
        except OSError:
            far = None
        if far is None:
            near.close()
            return
        self.carried += 1
        for one, other in ((near, far), (far, near)):
            self.pairs[one] = other
            self.selector.register(one, selectors.EVENT_READ)

    def _carry(self, end):
        try:
            data = end.recv(self.piece)
            if data:
                self.pairs[end].sendall(data)
        except OSError:
            data = b""
        if not data:
            self._end(end)

    def _run(self):
        while not self.is_closing:
            for key, _ in self.selector.select():
                with self.lock:
                    if key.fileobj is self.listener:
                        self._accept()
                    elif key.fileobj in self.pairs:
                        self._carry(key.fileobj)
