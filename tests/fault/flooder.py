"""Sends as much as it can, until it is killed: `flooder.py DOOR ENDPOINT EVENTS EVENT_BYTES CONNECTIONS SOURCE
[SECRET_FILE SERVER_FILE]`: frames of so many events to ingest, or puts of them to append, within the window that it is
given, from the address SOURCE. At ingest, when the broker has ended its connection, it goes on as soon as it is let
in again."""

import sys
import threading
import time

import msgpack
import zmq
from pulse import dress
from zmq.utils.monitor import recv_monitor_message


def watch(monitor, is_in):
    """A PUB that nobody hears takes all that it is given, as fast as a processor can: of the broker that is no flood, and the
    processor is the broker's and the neighbour's here. So it waits outside."""
    while True:
        if recv_monitor_message(monitor)["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            is_in.set()
        else:
            is_in.clear()


def event(size):
    members = {"level": "Info", "category": "Flood", "type": "Flood", "sourceId": "flood", "summary": "x" * 50}
    packed = msgpack.packb({**members, "snapshot": {"text": ""}})
    return msgpack.packb({**members, "snapshot": {"text": "x" * max(0, size - len(packed))}})


def flood_ingest(socket, endpoint, frame):
    is_in = threading.Event()
    monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
    threading.Thread(target=watch, args=(monitor, is_in), daemon=True).start()
    socket.connect(endpoint)
    while is_in.wait():
        socket.send(frame)


class Producer:
    def __init__(self, socket, endpoint, name):
        self.socket, self.name = socket, name
        self.sent = self.settled = self.window = 0
        socket.connect(endpoint)
        self.greet()

    def greet(self):
        self.window = 0
        self.socket.send(msgpack.packb(["hello", 1, self.name, time.time_ns()]))

    def take(self):
        verb, *words = msgpack.unpackb(self.socket.recv())
        if verb == "welcome":
            self.sent = self.settled = words[2]
            self.window = words[3]
        elif verb == "ack":
            self.settled = words[0]
        elif verb == "ping":
            self.socket.send(msgpack.packb(["pong"]))
        elif verb == "error":
            time.sleep(0.05)
            self.greet()

    def fill(self, events, count):
        while self.window and self.sent + count - self.settled <= self.window:
            self.socket.send(b"\x93\xa3put" + msgpack.packb(self.sent + 1) + events)
            self.sent += count


def flood_append(sockets, endpoint, one, count):
    producers = [Producer(socket, endpoint, f"flood-{number}") for number, socket in enumerate(sockets)]
    events = msgpack.Packer().pack_array_header(count) + one * count
    poller = zmq.Poller()
    for producer in producers:
        poller.register(producer.socket, zmq.POLLIN)
    while True:
        ready = dict(poller.poll())
        for producer in producers:
            while producer.socket in ready and producer.socket.poll(0):
                producer.take()
            producer.fill(events, count)


def main():
    door, endpoint, count, size, connections, source = sys.argv[1:7]
    endpoint = f"tcp://{source}:0;{endpoint.removeprefix('tcp://')}"
    context = zmq.Context()
    kind = zmq.PUB if door == "ingest" else zmq.DEALER
    sockets = [dress(context.socket(kind), sys.argv[7:]) for _ in range(int(connections))]
    if door == "append":
        flood_append(sockets, endpoint, event(int(size)), int(count))
    threads = [threading.Thread(target=flood_ingest, args=(socket, endpoint, event(int(size)) * int(count))) for socket in sockets]
    for thread in threads:
        thread.start()


main()
