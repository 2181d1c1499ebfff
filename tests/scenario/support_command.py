"""Scenarios of the commands of `tocsin` that read a broker's stream."""

import os
import subprocess

import support


class CommandScenario(support.Scenario):
    """A test whose broker keeps its stream door over restarts, and the commands that find it there."""

    def setUp(self):
        super().setUp()
        self.endpoint = f"tcp://127.0.0.1:{support.free_port()}"
        self.err = None  # what the last command said
        self.sent = 0  # so many numbered events

    def broker(self, *flags, **options):
        return super().broker("--stream", self.endpoint, *flags, **options)

    def start(self, *arguments, stdout=subprocess.PIPE, text=True, env=None):
        """`tocsin` with these arguments, and `env` besides; it is gone at the end of the test."""
        process = subprocess.Popen(
            [os.environ["TOCSIN"], *arguments],
            env={**os.environ, "TOCSIN_STREAM": self.endpoint, "TZ": "UTC", "TERM": "xterm", **(env or {})},
            stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=text,
        )  # fmt: skip
        self.addCleanup(process.kill)
        return process

    def finish(self, process, code=0):
        """Waits for the end of a command that was started, with that exit code; returns what it wrote to stdout."""
        out, err = process.communicate(timeout=support.DEADLINE_S)
        self.err = err if process.text_mode else err.decode()
        self.assertEqual(process.returncode, code, f"{process.args}: {self.err}")
        return out

    def run_command(self, *arguments, code=0):
        return self.finish(self.start(*arguments), code)

    def send(self, broker, events):
        """Sends and waits until they are durable."""
        publisher = self.publisher(broker)
        before = broker.metric("tocsin_log_durable_seq")
        for item in events:
            publisher.send(support.pack(item))
        support.wait_until(lambda: broker.metric("tocsin_log_durable_seq") >= before + len(events), "the events")
        publisher.close()

    def send_numbers(self, broker, count, **members):
        """Goes on with numbered events."""
        self.send(broker, [support.event(number, **members) for number in range(self.sent, self.sent + count)])
        self.sent += count
