#!/usr/bin/env python3
"""A broker for the tests of the bindings: as a module, and as a program that runs a command beside one.

    python3 bindings/broker.py [--keep LOG_DIR] [--flag FLAG]... -- COMMAND [ARGUMENT...]

TOCSIN_BUILD_DIR names the build directory that holds broker/tocsind. The command finds the broker in TOCSIN_SERVER.
Python's own library only."""

import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

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

    def command(self):
        endpoints = []
        for offset, name in enumerate(("ingest", "append", "live", "stream")):
            endpoints += [f"--{name}", f"tcp://127.0.0.1:{self.base_port + offset}"]
        program = os.path.join(build_dir(), "broker", "tocsind")
        ports = os.path.join(self.dir, "ports")
        return [program, "--log-dir", self.log_dir, "--name", "binding-broker", *endpoints,
                "--http", "127.0.0.1:0", "--ports-file", ports, *self.flags]  # fmt: skip

    def start(self):
        """Starts the process and waits until it is ready."""
        ports = os.path.join(self.dir, "ports")
        if os.path.exists(ports):
            os.unlink(ports)
        env = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
        with open(os.path.join(self.dir, "stderr"), "ab") as stderr:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, env=env
            )
        end = time.monotonic() + DEADLINE_S
        while not os.path.exists(ports):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"tocsind did not start: {self.stderr()}")
            time.sleep(0.005)
        return self

    def stderr(self):
        with open(os.path.join(self.dir, "stderr"), encoding="utf-8", errors="replace") as text:
            return text.read()

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


def main():
    parser = argparse.ArgumentParser(description="Runs a command beside a broker, which TOCSIN_SERVER names.")
    parser.add_argument("--keep", metavar="LOG_DIR", help="the log's directory, kept")
    parser.add_argument("--flag", action="append", default=[], help="one more argument of tocsind")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    with Broker(options.keep, options.flag) as broker:
        return subprocess.call(options.command, env={**os.environ, "TOCSIN_SERVER": broker.server})


if __name__ == "__main__":
    sys.exit(main())
