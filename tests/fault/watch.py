"""watch.py live ENDPOINT FILE [PREFIX...]: a subscriber that keeps every frame that it is given until stdin ends, and
then what is on its way still."""

import sys

import records
import zmq

IDLE_MS = 1200  # a heartbeat comes each second


def main():
    _, verb, endpoint, path, *prefixes = sys.argv
    assert verb == "live"
    socket = zmq.Context().socket(zmq.SUB)
    socket.setsockopt(zmq.RCVHWM, 0)
    socket.setsockopt(zmq.SNDHWM, 0)
    socket.setsockopt(zmq.RECONNECT_IVL, 10)
    for prefix in (prefixes or [""]) + ["~"]:
        socket.setsockopt(zmq.SUBSCRIBE, prefix.encode())
    socket.connect(endpoint)
    poller = zmq.Poller()
    poller.register(socket, zmq.POLLIN)
    poller.register(sys.stdin.fileno(), zmq.POLLIN)
    is_stopping = False
    with open(path, "wb") as file:
        while True:
            ready = dict(poller.poll(IDLE_MS))
            if not is_stopping and sys.stdin.fileno() in ready:
                is_stopping = True
                poller.unregister(sys.stdin.fileno())
            if socket not in ready:
                if is_stopping:
                    return
                continue
            while socket.poll(0):
                frame = socket.recv()
                if not (is_stopping and frame.startswith(b"~\0")):
                    records.write_frame(file, frame)
                elif is_stopping:
                    return  # all that was published before this heartbeat has come
            file.flush()


if __name__ == "__main__":
    main()
