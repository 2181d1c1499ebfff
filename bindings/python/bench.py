"""Events a second of publish, append and stream, beside the bare pyzmq in the same run: bench.py SERVER [COUNT]"""

from __future__ import annotations

import sys
import threading
import time
from typing import Callable

import zmq

import tocsin

EVENT = tocsin.Event(
    "Info", "StreamEvent", "StreamCreated", "#default#app/stream-1", "A new stream has been created: [#default#app/stream]",
    "2026-11-21T09:30:00.125+09:00", snapshot={"name": "stream", "sourceType": "Rtmp", "bitrate": 2500000, "fps": 29.97},
)  # fmt: skip


def measure(name: str, count: int, run: Callable[[], None]) -> None:
    begin = time.perf_counter()
    run()
    rate = count / (time.perf_counter() - begin)
    print(f"python  {name:34} {rate:10.0f} events/s", flush=True)


def bare(count: int, event: bytes) -> None:
    """One event a message, PUSH to PULL, from thread to thread over TCP."""
    context = zmq.Context()
    pull = context.socket(zmq.PULL)
    port = pull.bind_to_random_port("tcp://127.0.0.1")

    def push() -> None:
        socket = context.socket(zmq.PUSH)
        socket.connect(f"tcp://127.0.0.1:{port}")
        for _ in range(count):
            socket.send(event)
        socket.close()

    thread = threading.Thread(target=push)
    thread.start()
    for _ in range(count):
        pull.recv()
    thread.join()
    pull.close()
    context.term()


def main(server: str, count: int = 50000) -> None:
    client = tocsin.Client(server, timeout=30)
    event = EVENT.encode()
    measure("bare pyzmq, a message an event", count, lambda: bare(count, event))

    def encode() -> None:
        for _ in range(count):
            EVENT.encode()

    def publish() -> None:
        with client.publisher(send_timeout=60, close_timeout=60) as publisher:
            for _ in range(count):
                publisher.publish(EVENT)

    def append() -> None:
        with client.appender("bench-python", send_timeout=60, close_timeout=60) as appender:
            for _ in range(count):
                appender.submit(EVENT)

    def stream() -> None:
        with client.stream(start="first", types=["StreamCreated"]) as records:
            for _ in range(count):
                next(records)

    measure("encode alone", count, encode)
    measure("publish, handed over", count, publish)
    measure("append, durable", count, append)
    measure("stream, from the log", count, stream)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
