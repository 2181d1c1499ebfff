"""A `tocsin gateway` process, and the ways to send to it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import support

COUNTS = ["-o", "json"]


class Gateway:
    """One process. `arguments` begin with the kind; the counters come as JSON."""

    def __init__(self, *arguments, stdin=None):
        self.dir = tempfile.mkdtemp(prefix="tocsin-gateway-")
        self.stdout_path = os.path.join(self.dir, "stdout")
        self.stderr_path = os.path.join(self.dir, "stderr")
        command = [os.environ["TOCSIN"], "gateway", *arguments, *COUNTS]
        with open(self.stdout_path, "wb") as stdout, open(self.stderr_path, "wb") as stderr:
            self.process = subprocess.Popen(
                command, stdin=stdin if stdin is not None else subprocess.DEVNULL, stdout=stdout, stderr=stderr
            )

    def stderr(self):
        with open(self.stderr_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def addresses(self, kind):
        """The (host, port) at which it listens, of udp or tcp."""
        found = re.findall(rf"listening at {kind}:\[?(.*?)\]?:(\d+)\n", self.stderr())
        return [(host, int(port)) for host, port in found]

    def wait_listening(self, count=1):
        def is_there():
            if self.process.poll() is not None:
                raise AssertionError(f"the gateway ended with {self.process.returncode}: {self.stderr()}")
            return self.stderr().count("listening at ") >= count

        support.wait_until(is_there, "the gateway listens")
        return self

    def told(self):
        """The counters as they were told so far, the last ones last."""
        with open(self.stdout_path, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines.read().splitlines(keepends=True) if line.endswith("\n")]

    def counts(self):
        """The counters as they stand."""
        before = len(self.told())
        self.process.send_signal(signal.SIGUSR1)
        support.wait_until(lambda: len(self.told()) > before, "the counters")
        return self.told()[-1]

    def wait_count(self, word, value):
        """Waits until a counter has come to a value; returns all of them."""
        return support.wait_until(
            lambda: (lambda counts: counts[word] >= value and counts)(self.counts()), f"{word} {value}: {self.stderr()}"
        )

    def stop(self, code=0):
        """SIGTERM, or its own end; returns the counters at the end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.end(code)

    def end(self, code=0):
        """Waits until it ends by itself; returns the counters at the end."""
        ended = self.process.wait(support.DEADLINE_S)
        if ended != code:
            raise AssertionError(f"the gateway ended with {ended}: {self.stderr()}")
        return self.told()[-1]

    def wait_end(self, code):
        """Waits until it ends by itself, without counters; returns what it said."""
        ended = self.process.wait(support.DEADLINE_S)
        if ended != code:
            raise AssertionError(f"the gateway ended with {ended}: {self.stderr()}")
        return self.stderr()

    def rss_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1]) * 1024

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


class GatewayScenario(support.Scenario):
    """Scenarios whose broker keeps its endpoint over restarts."""

    def setUp(self):
        super().setUp()
        self.endpoint = f"tcp://127.0.0.1:{support.free_port()}"

    def broker(self, *flags, **options):
        return super().broker("--append", self.endpoint, *flags, **options)

    def gateway(self, *arguments, stdin=None, listening=1):
        gateway = Gateway(*arguments, "--append", self.endpoint, stdin=stdin)
        self.addCleanup(gateway.close)
        return gateway.wait_listening(listening) if listening else gateway

    def connect(self, address):
        peer = socket.create_connection(address, support.DEADLINE_S)
        self.addCleanup(peer.close)
        return peer

    def logged(self):
        return support.Log(self.log_dir).events()
