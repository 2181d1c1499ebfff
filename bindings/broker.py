#!/usr/bin/env python3
"""A broker for the tests of the bindings: as a module, as a program that runs a command beside one, and as a program that
a test in any language has under its control.

    python3 bindings/broker.py [--keep LOG_DIR] [--flag FLAG]... -- COMMAND [ARGUMENT...]
    python3 bindings/broker.py [--keep LOG_DIR] [--flag FLAG]... --control

TOCSIN_BUILD_DIR names the build directory that holds broker/tocsind. The command finds the broker in TOCSIN_SERVER. Under
control it says `ready HOST:BASEPORT LOG_DIR` on stdout, and then, to each line on stdin: `kill` (kill -9), `killed`; `start`,
`ready` as before. It ends with its stdin, and the broker with it. Python's own library only."""

import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

DEADLINE_S = 60


def build_dir():
    """The build directory under test."""
    here = os.path.dirname(os.path.realpath(__file__))
    return os.environ.get("TOCSIN_BUILD_DIR") or os.path.join(here, "..", "build", "test")


def free_base_port():
    """A port behind which three more are free, below those that the system gives to clients."""
    while True:
        base = random.randrange(11000, 32000, 4)
        try:
            for port in range(base, base + 4):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue


class Broker:
    """One tocsind process on four ports in a row, the same ones over all its lives."""

    def __init__(self, log_dir=None, flags=()):
        self.dir = tempfile.mkdtemp(prefix="tocsin-binding-")
        self.log_dir = log_dir or os.path.join(self.dir, "log")
        self.flags = list(flags)
        self.base_port = free_base_port()
        self.server = f"127.0.0.1:{self.base_port}"
        self.process = None
        self.said = []
        self.is_ready = False

    def command(self):
        endpoints = []
        for offset, name in enumerate(("ingest", "append", "live", "stream")):
            endpoints += [f"--{name}", f"tcp://127.0.0.1:{self.base_port + offset}"]
        program = os.path.join(build_dir(), "broker", "tocsind")
        return [program, "--log-dir", self.log_dir, "--name", "binding-broker", *endpoints,
                "--http", "127.0.0.1:0", *self.flags]  # fmt: skip

    def start(self):
        """Starts the process and waits until it is ready."""
        env = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
        self.process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env
        )
        has_begun = threading.Event()
        threading.Thread(target=self._listen, args=(self.process.stderr, has_begun), daemon=True).start()
        if not has_begun.wait(DEADLINE_S) or not self.is_ready:
            raise RuntimeError(f"tocsind did not start: {self.stderr()}")
        return self

    def _listen(self, stderr, has_begun):
        """Keeps what the process says; it has begun when it says that it is ready, or no more."""
        self.is_ready = False
        with stderr:
            for line in stderr:
                self.said.append(line.decode("utf-8", "replace"))
                if b" is ready: " in line:
                    self.is_ready = True
                    has_begun.set()
        has_begun.set()

    def stderr(self):
        return "".join(self.said)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait(DEADLINE_S)

    def stop(self):
        """SIGTERM; it must end well."""
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(DEADLINE_S) != 0:
            raise RuntimeError(f"tocsind ended badly: {self.stderr()}")

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()


def obey(broker):
    """Does what the lines of stdin say."""

    def tell_ready():
        print("ready", broker.server, broker.log_dir, flush=True)

    tell_ready()
    for line in sys.stdin:
        if line.strip() == "kill":
            broker.kill()
            print("killed", flush=True)
        elif line.strip() == "start":
            broker.start()
            tell_ready()
        else:
            sys.exit(f"broker.py: no such order: {line!r}")


def main():
    parser = argparse.ArgumentParser(description="Runs a command beside a broker, which TOCSIN_SERVER names.")
    parser.add_argument("--keep", metavar="LOG_DIR", help="the log's directory, kept")
    parser.add_argument("--flag", action="append", default=[], help="one more argument of tocsind")
    parser.add_argument("--control", action="store_true", help="do what stdin says, in place of a command")
    parser.add_argument("command", nargs="*")
    options = parser.parse_args()
    if options.control == bool(options.command):
        parser.error("a command, or --control")
    with Broker(options.keep, options.flag) as broker:
        if options.control:
            obey(broker)
            return 0
        return subprocess.call(options.command, env={**os.environ, "TOCSIN_SERVER": broker.server})


if __name__ == "__main__":
    sys.exit(main())
