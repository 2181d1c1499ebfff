"""Someone who looks on while the broker is being broken, and keeps every frame:

    watch.py live ENDPOINT FILE [PREFIX...]      a subscriber
    watch.py stream ENDPOINT FILE [PREFIX...]    a stream session from the first seq on, gone on with after every break

Both do what a client must: after SILENCE_S without a word they connect anew. When stdin ends they take what is on its
way still; a line of stdin may say first which seq a stream must reach."""

import sys
import time

import msgpack
import records
import zmq

SILENCE_S = 5
CREDIT_BYTES = 1 << 20


class Watch:
    def __init__(self, endpoint, prefixes, file):
        self.endpoint = endpoint
        self.prefixes = [prefix.encode() for prefix in prefixes] or [b""]
        self.file = file
        self.context = zmq.Context()
        self.socket = None
        self.is_stopping = self.is_done = False
        self.target = 0
        self.connect()

    def connect(self):
        if self.socket:
            self.socket.close(linger=0)
        self.socket = self.context.socket(self.KIND)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 10)
        self.socket.setsockopt(zmq.RECONNECT_IVL_MAX, 100)
        self.heard = time.monotonic()
        self.socket.connect(self.endpoint)
        self.ask()

    def run(self):
        while not self.is_done:
            poller = zmq.Poller()
            poller.register(self.socket, zmq.POLLIN)
            if not self.is_stopping:
                poller.register(sys.stdin.fileno(), zmq.POLLIN)
            ready = dict(poller.poll(1000))
            if sys.stdin.fileno() in ready:
                self.target = int(sys.stdin.readline() or 0)
                self.is_stopping = True
            if self.socket in ready:
                self.take_all()
            elif time.monotonic() - self.heard > SILENCE_S:
                self.connect()
            self.file.flush()

    def take_all(self):
        socket = self.socket  # a new one is for the next round
        while not self.is_done and socket is self.socket and socket.poll(0):
            self.heard = time.monotonic()
            self.take(socket.recv())


class Live(Watch):
    KIND = zmq.SUB

    def ask(self):
        for prefix in [*self.prefixes, b"~"]:
            self.socket.setsockopt(zmq.SUBSCRIBE, prefix)

    def take(self, frame):
        # all that was published before a heartbeat has come with it
        if self.is_stopping and frame.startswith(b"~\0"):
            self.is_done = True
        records.write_frame(self.file, frame)


class Stream(Watch):
    KIND = zmq.DEALER
    upto = 0
    spent = 0

    def send(self, *message):
        self.socket.send(msgpack.packb(list(message)))

    def ask(self):
        self.send("open", 1, {"from": self.upto + 1, "filters": self.prefixes, "follow": True})
        self.send("credit", CREDIT_BYTES)
        self.spent = 0

    def take(self, frame):
        message = msgpack.unpackb(frame)
        if message[0] == "ping":
            return self.send("pong")
        records.write_frame(self.file, frame)
        if message[0] == "error":
            time.sleep(0.05)
            return self.connect()
        if message[0] == "batch":
            self.upto = message[1]
            self.give_credit(len(frame))
            self.is_done = self.is_stopping and self.upto >= self.target
        return None

    def give_credit(self, spent):
        self.spent += spent
        if self.spent > CREDIT_BYTES / 2:
            self.send("credit", self.spent)
            self.spent = 0


if __name__ == "__main__":
    _, verb, endpoint, path, *prefixes = sys.argv
    with open(path, "wb") as file:
        {"live": Live, "stream": Stream}[verb](endpoint, prefixes, file).run()
