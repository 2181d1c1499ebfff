"""A quiet neighbour: publishes an event every few milliseconds, and notes how long each takes until it comes back live.

As a program: `pulse.py INGEST LIVE INTERVAL_MS [SECRET_FILE SERVER_FILE]`. Each line of its input is a name: it answers
with the delays since the last one, in microseconds, as "NAME DELAY ...", from when an event was to be sent to when it came.
Those that did not come are not among them: the count is told first, as "NAME MISSED DELAY ..."."""

import sys
import time

import msgpack
import zmq
import zmq.auth

TOPIC = b"Pulse/"


def dress(socket, files):
    if files:
        socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(files[0])
        socket.curve_serverkey = zmq.auth.load_certificate(files[1])[0]
    return socket


class Pulse:
    def __init__(self, ingest, live, interval_ms, files):
        context = zmq.Context()
        self.live = dress(context.socket(zmq.SUB), files)
        self.live.subscribe(TOPIC)
        self.live.subscribe(b"~\0")
        self.live.connect(live)
        self.source = dress(context.socket(zmq.XPUB), files)
        self.source.connect(ingest)
        self.source.poll()
        self.live.poll()  # a heartbeat: the filter is in force
        self.interval_s = interval_ms / 1000
        self.number = 0
        self.due = {}
        self.delays_us = []

    def send(self, due_s):
        members = {"level": "Info", "category": "Pulse", "type": "Pulse", "sourceId": "pulse", "summary": "p"}
        self.source.send(msgpack.packb({**members, "snapshot": {"number": self.number}}))
        self.due[self.number] = due_s
        self.number += 1

    def take(self):
        while self.live.poll(0):
            frame = self.live.recv()
            now_s = time.perf_counter()
            if not frame.startswith(TOPIC):
                continue
            unpacker = msgpack.Unpacker(raw=False, strict_map_key=True)
            unpacker.feed(frame.split(b"\0", 1)[1])
            for record in unpacker:
                due_s = self.due.pop(record[3]["snapshot"]["number"], now_s)
                self.delays_us.append(int((now_s - due_s) * 1e6))

    def answer(self, name):
        missed = sum(time.perf_counter() - due_s > 1 for due_s in self.due.values())
        if missed:
            self.due = {number: due_s for number, due_s in self.due.items() if time.perf_counter() - due_s <= 1}
        print(name, missed, *self.delays_us, flush=True)
        self.delays_us = []

    def run(self, lines):
        poller = zmq.Poller()
        poller.register(self.live, zmq.POLLIN)
        poller.register(lines, zmq.POLLIN)
        next_s = time.perf_counter()
        while True:
            wait_s = next_s - time.perf_counter()
            if wait_s <= 0:
                self.send(next_s)
                next_s += self.interval_s
                continue
            ready = dict(poller.poll(wait_s * 1000))
            self.take()
            if lines.fileno() in ready:
                line = lines.readline()
                if not line:
                    return
                self.answer(line.decode().strip())


if __name__ == "__main__":
    with open(0, "rb", buffering=0) as standard_input:
        Pulse(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:]).run(standard_input)
