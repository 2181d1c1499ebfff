"""Publishers at full speed, each a process of its own with a raw PUB socket.

As a program: `support_load.py NAME EVENTS_PER_FRAME SUMMARY_BYTES`. Each line of its input is the endpoint that it
publishes to from then on; at an empty line it pauses. Its numbers grow with each event, over all connections."""

import os
import select
import subprocess
import sys

import msgpack
import zmq

FRAMES_AT_ONCE = 20


class Load:
    """Several publishers; they pause until they are told where to publish."""

    def __init__(self, publishers=2, events_per_frame=4, summary_bytes=100):
        command = [sys.executable, os.path.abspath(__file__)]
        self.processes = [
            subprocess.Popen([*command, f"load-{index}", str(events_per_frame), str(summary_bytes)], stdin=subprocess.PIPE)
            for index in range(publishers)
        ]

    def tell(self, line):
        for process in self.processes:
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()

    def publish_to(self, endpoint):
        self.tell(endpoint)

    def pause(self):
        self.tell("")

    def close(self):
        for process in self.processes:
            process.stdin.close()
            process.wait()


def frames(name, events_per_frame, summary_bytes):
    """Frames without end. What stands before the number is packed once."""
    event = msgpack.packb(
        {
            "level": "Info",
            "category": "LoadEvent",
            "type": "Numbered",
            "sourceId": name,
            "summary": "x" * summary_bytes,
            "snapshot": {"number": 0xFFFFFFFF},
        }
    )
    head = event[:-4]
    number = 0
    while True:
        numbers = range(number, number + events_per_frame)
        yield b"".join(head + each.to_bytes(4, "big") for each in numbers)
        number += events_per_frame


def publish(lines, made):
    context = zmq.Context()
    socket = None
    while True:
        if socket is None or select.select([lines], [], [], 0)[0]:
            line = lines.readline().decode()
            if socket is not None:
                socket.close(linger=0)
                socket = None
            if not line:
                context.destroy(linger=0)
                return
            if line.strip():
                socket = context.socket(zmq.PUB)
                socket.connect(line.strip())
        for _ in range(FRAMES_AT_ONCE if socket else 0):
            socket.send(next(made))


if __name__ == "__main__":
    with open(0, "rb", buffering=0) as standard_input:  # a line that is buffered is one that select does not see
        publish(standard_input, frames(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
