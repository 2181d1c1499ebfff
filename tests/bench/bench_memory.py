#!/usr/bin/python3
"""Memory of a broker with a thousand clients, before a burst, in it and at rest behind it.

    bench_memory [EVENTS]        (in the burst; default 400,000. Fails when more than the goal is left at rest)

A few clients read everything, the others one topic each, and all of them keep up: what waits for a client that does not
read is no rest."""

import contextlib
import os
import sys
import tempfile
import time

sys.path.append("@PROJECT_SOURCE_DIR@/tests/scenario")
os.environ.setdefault("TOCSIND", os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../broker/tocsind"))
import msgpack  # noqa: E402
import support  # noqa: E402
import zmq  # noqa: E402

GOAL_MB = 64
SUBSCRIBERS, PRODUCERS, APPENDERS, SESSIONS = 400, 300, 150, 150
EVENT_LEN = 350
FRAME_EVENTS = 180  # about 64 KiB
WINDOW = 200  # frames that may be on their way
REST_S = 45  # from the last message that a client got; within that the broker is at rest again
GREEDY = 4  # subscribers, and sessions, that read everything
CREDIT = 1 << 30
ANY = "tcp://127.0.0.1:*"


def event(topic):
    fields = {"time": "2026-11-21T09:30:00.125+09:00", "level": "Info", "category": "BenchEvent", "type": "Passed",
              "sourceId": f"source-{topic:05}", "summary": "x" * 250}  # fmt: skip
    fields["summary"] += "x" * (EVENT_LEN - len(msgpack.packb(fields)))
    return msgpack.packb(fields)


def wanted(number):
    """The prefix of what the client with that number reads."""
    return b"" if number < GREEDY else f"BenchEvent/source-{number % FRAME_EVENTS:05}".encode() + b"\0"


class Clients:
    """All of them in this process, each with a connection of its own."""

    def __init__(self, ports):
        self.context = zmq.Context(io_threads=1)
        self.context.set(zmq.MAX_SOCKETS, 4096)
        self.ports = ports

    def open(self, kind, door, count):
        sockets = [self.context.socket(kind) for _ in range(count)]
        for number, socket in enumerate(sockets):
            socket.linger = 0
            socket.rcvhwm = socket.sndhwm = 0
            if kind == zmq.SUB:
                socket.subscribe(wanted(number))
                socket.subscribe(b"~")
            socket.connect(self.ports[door])
        return sockets

    def drain(self, sockets):
        """What has come to them, thrown away; how many messages with events there were."""
        count = 0
        for socket in sockets:
            with contextlib.suppress(zmq.Again):
                while True:
                    count += len(socket.recv(zmq.DONTWAIT)) > EVENT_LEN
        return count

    def close(self):
        self.context.destroy(linger=0)


def resident_mb(broker):
    with open(f"/proc/{broker.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1000


def connect_all(broker, clients):
    subscribers = clients.open(zmq.SUB, "live", SUBSCRIBERS)
    producers = clients.open(zmq.XPUB, "ingest", PRODUCERS)
    appenders = clients.open(zmq.DEALER, "append", APPENDERS)
    sessions = clients.open(zmq.DEALER, "stream", SESSIONS)
    for number, socket in enumerate(appenders):
        socket.send(msgpack.packb(["hello", 1, f"bench-{number}", 1]))
    for number, socket in enumerate(sessions):
        socket.send(msgpack.packb(["open", 1, {"from": "new", "filters": [wanted(number)]}]))
        socket.send(msgpack.packb(["credit", CREDIT]))
    for socket in [*subscribers, *producers, *appenders, *sessions]:
        if not socket.poll(30000):
            raise SystemExit("a client is not answered")
    return subscribers, producers, sessions


def burst(broker, clients, count, sockets):
    """So many events, from all producers in turn; returns the most memory that was seen."""
    subscribers, producers, sessions = sockets
    frame = b"".join(event(number) for number in range(FRAME_EVENTS))
    peak = sent = 0
    logged = broker.metric("tocsin_events_logged_total")
    while sent < count:
        for producer in range(WINDOW):
            producers[producer % PRODUCERS].send(frame)
        sent += WINDOW * FRAME_EVENTS
        support.wait_until(lambda: broker.metric("tocsin_events_logged_total") - logged >= sent, "the burst")
        peak = max(peak, resident_mb(broker))
        clients.drain([*subscribers, *sessions])
    return peak


def at_rest(broker, clients, sockets):
    """After some seconds in which nothing came to any client."""
    subscribers, _, sessions = sockets
    quiet_since = time.monotonic()
    while time.monotonic() < quiet_since + REST_S:
        if clients.drain([*subscribers, *sessions]) > 0:
            quiet_since = time.monotonic()
        time.sleep(0.2)
    return resident_mb(broker)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400000
    with tempfile.TemporaryDirectory(prefix="tocsin-memory-") as directory:
        flags = ["--append", ANY, "--stream", ANY, "--sync", "interval=100", "--log-level", "warning"]
        with contextlib.closing(support.Broker(os.path.join(directory, "log"), *flags)) as broker:
            broker.start()
            print(f"a broker that has just started          {resident_mb(broker):6.1f} MB", flush=True)
            with contextlib.closing(Clients(broker.ports)) as clients:
                sockets = connect_all(broker, clients)
                print(f"with {SUBSCRIBERS + PRODUCERS + APPENDERS + SESSIONS:5} clients                      "
                      f"{resident_mb(broker):6.1f} MB", flush=True)  # fmt: skip
                peak = burst(broker, clients, count, sockets)
                print(f"at most, in a burst of {count:9} events {peak:6.1f} MB", flush=True)
                rest = at_rest(broker, clients, sockets)
                print(f"at rest behind it                       {rest:6.1f} MB, the goal is {GOAL_MB}")
            broker.stop()
    sys.exit(rest > GOAL_MB)


if __name__ == "__main__":
    main()
