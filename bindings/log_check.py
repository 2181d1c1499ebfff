"""The broker's log as PROTOCOL section 5 has it, read by Python's own library only: the chain over its lines, and the
receipts that producers were given."""

import hashlib
import json
import os
import re


def lines_of(log_dir):
    """The lines of all files, in order, as dicts. Fails where a line's hash is not that of all lines before it."""
    older = sorted(name for name in os.listdir(log_dir) if re.fullmatch(r"events\.log\.\d{8}(\.\d+)?", name))
    state = None
    for path in (os.path.join(log_dir, name) for name in [*older, "events.log"]):
        with open(path, "rb") as file:
            for text in file:
                if not text.endswith(b"\n"):
                    break  # it is being written
                line = json.loads(text)
                if state is None:
                    state = hashlib.blake2b(b"tocsin-log-1" + line["snapshot"]["log_id"].encode(), digest_size=32).digest()
                state = hashlib.blake2b(state + text[: text.rindex(b',"hash":"')], digest_size=32).digest()
                if state.hex()[:32] != line["hash"]:
                    raise RuntimeError(f"{path}: the chain is broken at seq {line['seq']}")
                yield line


def check_receipts(log_dir, receipts, count):
    """Receipts of one producer's events 1 to count: each names the line that it is of, and the last one covers all. Returns
    how many there were."""
    by_n = {line["n"]: line for line in lines_of(log_dir) if "producer" in line}
    if sorted(by_n) != list(range(1, count + 1)):
        raise RuntimeError(f"the log holds {len(by_n)} of {count} events")
    known = [receipt for receipt in receipts if receipt["seq"]]  # without: from before a break, and no longer known
    for receipt in known:
        line = by_n[receipt["n"]]
        if (receipt["seq"], receipt["hash"]) != (line["seq"], line["hash"]):
            raise RuntimeError(f"{receipt} is of the line with seq {line['seq']} and hash {line['hash']}")
    if not known or receipts[-1]["n"] != count:
        raise RuntimeError(f"{len(known)} receipts, and the last one is {receipts[-1:]}")
    return len(known)
