"""A broker, a quiet neighbour who measures how long its events take, and others who are to be borne. Use as a context."""

import os
import statistics
import subprocess
import sys

import harness
from support_curve import Keys

ALL = {"publish": ["*"], "producers": ["*"], "live": True, "read": [""]}
INTERVAL_MS = 5


def p99_ms(delays_us):
    return statistics.quantiles(delays_us, n=100)[98] / 1000


class Neighbours(harness.Broken):
    """`rights`: {name: rights} beside those of the quiet one; None: no keys are asked for."""

    def __init__(self, rights, *flags):
        super().__init__(*flags)
        self.keys = None
        if rights is not None:
            self.keys = Keys(self.path("keys"))
            access = self.path("access.yaml")
            self.keys.write_access(access, {"quiet": ALL, **rights})
            self.flags += self.keys.flags(access)
        self.others = []

    def __exit__(self, *words):
        self.dismiss()
        super().__exit__(*words)

    def files(self, name):
        return [self.keys.secret_file(name), self.keys.file("broker")] if self.keys else []

    def run(self, program, *words, name="quiet"):
        command = [sys.executable, "-B", os.path.join(harness.HERE, program), *map(str, words), *self.files(name)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.others.append(process)
        return process

    def start(self):
        super().start()
        self.pulse = self.run("pulse.py", self.endpoints["ingest"], self.endpoints["live"], INTERVAL_MS)
        self.delays_us()

    def delays_us(self):
        """(how many events did not come within a second, delays of the others) since the last time."""
        self.pulse.stdin.write("now\n")
        self.pulse.stdin.flush()
        missed, *delays = map(int, self.pulse.stdout.readline().split()[1:])
        return missed, delays

    def dismiss(self, processes=None):
        for process in processes if processes is not None else self.others:
            process.kill()
            process.wait()

    def resident_kib(self):
        with open(f"/proc/{self.broker.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.broker.process.pid}/fd"))
