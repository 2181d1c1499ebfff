#!/usr/bin/env python3
"""proto/vectors as lines for tests/vectors.cpp: whole events, at the default limit; and with --valid for tests/round.cpp: what
is valid, with its topic and its text. How what is behind an event is taken apart is the C library's own matter, and tested
there."""

import glob
import json
import os
import sys

ROOT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "..", "proto", "vectors")


def cases(folder):
    for path in sorted(glob.glob(os.path.join(ROOT, folder, "*.json"))):
        with open(path, encoding="utf-8") as file:
            yield json.load(file)


if sys.argv[1:] == ["--valid"]:
    for case in cases("valid"):
        if "max_event_bytes" not in case:
            print(case["bytes"], case["topic"], case["log"], sep="\t")
    sys.exit()

for folder in ("valid", "refused"):
    for case in cases(folder):
        is_whole = folder == "valid" or case["consumed"] == len(case["bytes"]) // 2
        if not is_whole or not case["bytes"] or "max_event_bytes" in case or "\n" in case.get("field", ""):
            continue
        print(case.get("code", "accepted"), case.get("field") or "-", case["bytes"])
