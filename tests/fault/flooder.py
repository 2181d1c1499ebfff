"""Sends what it may not, as fast as it can: `flooder.py INGEST EVENTS_PER_FRAME [SECRET_FILE SERVER_FILE]`, until it is
killed. It says "out" with the seconds when the broker has ended its connection for the first time."""

import sys
import threading
import time

import msgpack
import zmq
from pulse import dress


def watch(monitor, began_s):
    monitor.poll()
    print(f"out {time.monotonic() - began_s:.2f}", flush=True)


def main():
    context = zmq.Context()
    socket = dress(context.socket(zmq.PUB), sys.argv[3:])
    monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    members = {"level": "Info", "category": "Flood", "type": "Flood", "sourceId": "flood", "summary": "x" * 50}
    frame = msgpack.packb({**members, "snapshot": {"number": 0}}) * int(sys.argv[2])
    socket.connect(sys.argv[1])
    threading.Thread(target=watch, args=(monitor, time.monotonic()), daemon=True).start()
    while True:
        socket.send(frame)


main()
