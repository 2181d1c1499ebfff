#!/usr/bin/env python3
"""proto/vectors as lines for tests/vectors.cpp: whole events, at the default limit. How what is behind an event is taken
apart, and what an event's text is, is the C library's own matter, and tested there."""

import glob
import json
import os

ROOT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "..", "proto", "vectors")

for folder in ("valid", "refused"):
    for path in sorted(glob.glob(os.path.join(ROOT, folder, "*.json"))):
        with open(path, encoding="utf-8") as file:
            case = json.load(file)
        is_whole = folder == "valid" or case["consumed"] == len(case["bytes"]) // 2
        if not is_whole or not case["bytes"] or "max_event_bytes" in case or "\n" in case.get("field", ""):
            continue
        print(case.get("code", "accepted"), case.get("field") or "-", case["bytes"])
