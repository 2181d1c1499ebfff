"""Files of event_flatstore, rotated as OpenSIPS does again and again, while the gateway that follows them is killed with -9 at
random moments and the broker now and then: every record is in our log exactly once."""

import os
import sys

import fault_gateway_ome as files
import harness

NAME = "events.csv"


class Writer(files.Writer):
    """Several processes that append each to the file it has open. When it is rotated ("rename": `mv`, then `evi_flat_rotate`;
    "suffix": a new name for each period) each opens the new one before its next record, and not at once. Records bear no
    time, have line ends within, and begin alike."""

    PROCESSES = 3

    def __init__(self, directory, mode, chance):
        super().__init__(directory, mode, chance)
        self.may_go_back = True
        self.open = {}

    def current(self):
        return NAME if self.mode == "rename" else f"{NAME}.{self.date(self.day)}"

    def line(self):
        self.count += 1
        more = "".join(self.chance.choice(["x", "\n", "e_", ",", "\nE_x"]) for _ in range(self.chance.randrange(30)))
        return f"E_TEST_RECORD,{self.count},{more}\n".encode()

    def write(self, _):
        process = self.chance.randrange(self.PROCESSES)
        day, file = self.open.get(process, (None, None))
        if day is None or (day != self.day and self.chance.random() < 0.3):
            if file:
                file.close()
            file = open(self.path(self.current()), "ab", buffering=0)
            self.open[process] = (self.day, file)
        file.write(self.line())

    def roll(self):
        if self.mode == "rename":
            for number in range(20, 0, -1):
                if os.path.exists(self.path(f"{NAME}.{number}")):
                    os.rename(self.path(f"{NAME}.{number}"), self.path(f"{NAME}.{number + 1}"))
            if os.path.exists(self.path(NAME)):
                os.rename(self.path(NAME), self.path(f"{NAME}.1"))
        self.day += 1


class Followed(files.Followed):
    writer_class = Writer

    def kind(self):
        path = os.path.join(self.logs, NAME)
        return ["opensips", "--source", "sip-1", "--flatstore", path, "--from-start"]

    def number(self, event):
        return int(event["snapshot"][0]) if event["type"] == "E_TEST_RECORD" else event


def main():
    chance = harness.seed()
    is_good = True
    for mode in sys.argv[1:] or ("rename", "suffix"):
        is_mode_good, figures = files.try_mode(mode, chance, Followed)
        harness.result(f"gateway opensips, flatstore, {mode}", is_mode_good, figures)
        is_good &= is_mode_good
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
