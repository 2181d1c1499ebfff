"""A client of the stream door that shares nothing with ours: a raw DEALER, msgpack, and the protocol's rules."""

import msgpack
import zmq

from support import DEADLINE_S

PLENTY = 1 << 40


class Stream:
    """One connection. What the broker sends is checked as it is taken: upto never goes back, seqs rise."""

    def __init__(self, context, endpoint):
        self.socket = context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.connect(endpoint)
        self.forget()

    def forget(self):
        self.opened = None
        self.upto = None
        self.records = []
        self.holes = []
        self.batch_lens = []
        self.end = None

    def close(self):
        self.socket.close(0)

    def send(self, *message):
        self.socket.send(msgpack.packb(list(message)))

    def receive(self, deadline_s=DEADLINE_S):
        """The next message; None when there is none within deadline_s."""
        if not self.socket.poll(int(deadline_s * 1000)):
            return None
        frame = self.socket.recv()
        if self.socket.getsockopt(zmq.RCVMORE):
            raise AssertionError("a message of several frames")
        self.frame_len = len(frame)
        return msgpack.unpackb(frame, strict_map_key=False)

    def expect(self, verb):
        message = self.receive()
        if message is None or message[0] != verb:
            raise AssertionError(f"{message} came, not {verb}")
        return message

    def open(self, credit=PLENTY, **options):
        """Opens a session and gives it credit (0: none)."""
        self.forget()
        self.send("open", 1, options)
        _, version, self.log_id, self.start, self.head = self.expect("opened")
        assert version == 1
        self.opened = options
        if credit:
            self.send("credit", credit)
        return self

    def take(self, deadline_s=DEADLINE_S):
        """Takes one message into records, holes, end; returns its verb, None when none came."""
        message = self.receive(deadline_s)
        if message is None:
            return None
        if message[0] == "batch":
            self.take_batch(message[1], message[2])
        elif message[0] == "hole":
            assert self.upto is None or message[1] == self.upto + 1, (message, self.upto)
            self.holes.append((message[1], message[2]))
            self.upto = message[2]
        elif message[0] == "end":
            self.end = message[1]
        elif message[0] != "pong":
            raise AssertionError(f"{message}")
        return message[0]

    def take_batch(self, upto, records):
        assert self.upto is None or upto >= self.upto, (upto, self.upto)
        self.batch_lens.append(self.frame_len)
        for record in records:
            if self.records and not self.opened.get("latest"):
                assert record[0] > self.records[-1][0], (record[0], self.records[-1][0])
            assert record[0] <= upto
            self.records.append(record)
        self.upto = upto

    def take_until(self, condition, what="the records"):
        while not condition():
            if self.take() is None:
                raise AssertionError(f"no message within {DEADLINE_S} s, waiting for {what}")
        return self

    def take_records(self, count):
        return self.take_until(lambda: len(self.records) >= count).records

    def take_all(self):
        """Until the end (follow false)."""
        return self.take_until(lambda: self.end is not None, "the end").records

    def seqs(self):
        return [record[0] for record in self.records]

    def numbers(self):
        """Those of the tests' own events."""
        return [record[3]["snapshot"]["number"] for record in self.records if record[3]["category"] == "TestEvent"]
