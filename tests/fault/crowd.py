"""A crowd of connections that do nothing: `crowd.py KIND ENDPOINT COUNT SOURCE [SECRET_FILE SERVER_FILE]`, from the address
SOURCE, as XPUB, XSUB or DEALER. An XSUB subscribes to everything, and may be stopped. Ends with its input."""

import sys
import time

import zmq
from pulse import dress

AT_ONCE = 100
PAUSE_S = 0.02  # no more than the listener's queue holds


def main():
    kind, endpoint, count, source = sys.argv[1], sys.argv[2].removeprefix("tcp://"), int(sys.argv[3]), sys.argv[4]
    socket = dress(zmq.Context().socket(getattr(zmq, kind)), sys.argv[5:])
    socket.linger = 0
    socket.sndhwm = 0
    socket.rcvhwm = 1
    if kind == "XSUB":
        socket.send(b"\x01")
    for number in range(count):
        socket.connect(f"tcp://{source}:0;{endpoint}")
        if number % AT_ONCE == 0:
            time.sleep(PAUSE_S)
    sys.stdin.read()


main()
