"""A crowd of connections that do nothing: `crowd.py KIND ENDPOINT COUNT SOURCE [SECRET_FILE SERVER_FILE]`, from the address
SOURCE, as XPUB, XSUB or DEALER. An XSUB subscribes to everything, and may be stopped. Ends with its input."""

import sys

import zmq
from pulse import dress

AT_ONCE = 100  # that may be shaking hands: no more than are done before their time is over


def main():
    kind, endpoint, count, source = sys.argv[1], sys.argv[2].removeprefix("tcp://"), int(sys.argv[3]), sys.argv[4]
    socket = dress(zmq.Context().socket(getattr(zmq, kind)), sys.argv[5:])
    socket.linger = 0
    socket.sndhwm = 0
    socket.rcvhwm = 1
    if kind == "XSUB":
        socket.send(b"\x01")
    monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    done = 0
    for number in range(count):
        socket.connect(f"tcp://{source}:0;{endpoint}")
        while number - done >= AT_ONCE:
            monitor.recv_multipart()
            done += 1
    sys.stdin.read()


main()
