"""An orderly stop: what has arrived is in the log, and who asked for an acknowledgement has it."""

import signal
import struct
import unittest

import msgpack
import support
import zmq
from scenario_hostile_peers import zmtp
from support import Log, event, pack


def message(body):
    """A frame of ZMTP."""
    return b"\x02" + struct.pack(">Q", len(body)) + body


class Stop(support.Scenario):
    def stop_with_something_on_the_way(self, broker, send):
        """The broker stands still while `send` sends, so that all of it lies in the kernel when it is told to stop."""
        broker.signal(signal.SIGSTOP)
        send()
        broker.signal(signal.SIGTERM)
        broker.signal(signal.SIGCONT)
        self.assertEqual(broker.wait(), 0, broker.stderr())

    def numbers(self):
        return [line["snapshot"]["number"] for line in Log(self.log_dir).events()]

    def test_what_lies_in_the_kernel_at_ingest_is_logged(self):
        broker = self.broker()
        producers = [zmtp(broker.ports["ingest"], b"PUB") for _ in range(5)]
        count = 200

        def send():
            for first, producer in enumerate(producers):
                producer.sendall(b"".join(message(pack(event(first * count + n))) for n in range(count)))

        self.stop_with_something_on_the_way(broker, send)
        self.assertEqual(sorted(self.numbers()), list(range(len(producers) * count)))

    def test_what_lies_in_the_kernel_at_append_is_logged_and_acknowledged(self):
        broker = self.broker("--append", "tcp://127.0.0.1:*")
        clients = [zmtp(broker.ports["append"], b"DEALER") for _ in range(5)]
        for number, client in enumerate(clients):
            client.sendall(message(msgpack.packb(["hello", 1, f"p{number}", 1])))
        for client in clients:
            said = b""
            while b"welcome" not in said:
                said += client.recv(4096)

        def send():
            for number, client in enumerate(clients):
                client.sendall(b"".join(message(pack(["put", n, [event(n)]])) for n in range(1, 101)))

        self.stop_with_something_on_the_way(broker, send)
        self.assertEqual(sorted(self.numbers()), sorted(list(range(1, 101)) * len(clients)))
        for client in clients:
            said = b""
            while chunk := client.recv(65536):
                said += chunk
            self.assertIn(msgpack.packb("ack") + msgpack.packb(100), said)

    def test_all_that_is_logged_is_acknowledged_while_producers_go_on(self):
        broker = self.broker("--append", "tcp://127.0.0.1:*")
        client = self.context.socket(zmq.DEALER)
        client.linger = 0  # what a dead broker did not take is not waited for
        client.connect(broker.ports["append"])
        client.send(msgpack.packb(["hello", 1, "p", 1]))
        self.assertTrue(client.poll(support.DEADLINE_S * 1000), "a welcome")
        self.assertEqual(msgpack.unpackb(client.recv())[0], "welcome")
        acked = sent = 0
        while broker.process.poll() is None:
            if sent - acked < 500:
                sent += 1
                client.send(msgpack.packb(["put", sent, [event(sent)]]))
            if sent == 2000:
                broker.signal(signal.SIGTERM)
            while client.poll(0 if sent - acked < 500 else 10):
                acked = msgpack.unpackb(client.recv())[1]
        self.assertEqual(broker.wait(), 0, broker.stderr())
        numbers = self.numbers()
        while acked < len(numbers) and client.poll(support.DEADLINE_S * 1000):  # it is on its way
            acked = msgpack.unpackb(client.recv())[1]
        self.assertGreaterEqual(acked, 2000)
        self.assertEqual(numbers, list(range(1, acked + 1)))


if __name__ == "__main__":
    unittest.main()
