#!/usr/bin/env python3
"""Prints src/tocsin/catalog.py from proto/catalog.json: python3 tools/print_catalog.py >src/tocsin/catalog.py

A function for every known event, which makes it; where the snapshot is made of plain values these are its parameters."""

import json
import keyword
import os
import re
import textwrap

ROOT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "..")
UNITS = {"us": "us", "ms": "ms", "bytes": "bytes", "%": "percent"}
TYPES = {"str": "str", "int": "int", "bool": "bool", "float": "float"}
HEAD = '''"""A function for every known event, and the known categories. Printed from proto/catalog.json by
tools/print_catalog.py; do not edit.

    publisher.publish(core_tcp_disconnect("sip-1", "Connection from 192.0.2.7 ended", src_ip="192.0.2.7", src_port=40312,
                                          dst_ip="192.0.2.1", dst_port=5060, proto="tcp"))

Where the level depends `severity` is asked for. What is not said here, time or snapshot, is set on what a function
returns."""

from __future__ import annotations

from typing import Any, Optional, Union

from ._event import ABSENT, Event, Level
'''


def snake(name):
    """E_CORE_LOG and HLSDumpStarted as words in small letters."""
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


def function_name(event):
    begin = snake(event["category"]).removesuffix("_event")
    rest = snake(event["type"]).removeprefix("e_").removeprefix(begin + "_")
    return "_".join(part for part in (begin, rest, snake(event["cause"])) if part)


def parameter_name(parameter):
    name = snake(parameter["name"])
    unit = UNITS.get(parameter["unit"])
    name = f"{name}_{unit}" if unit and not name.endswith(unit) else name
    return name + "_" if keyword.iskeyword(name) else name


def takes_parameters(event):
    plain = all(parameter["type"] in TYPES for parameter in event["params"])
    return event["snapshot"] == "always" and bool(event["params"]) and plain


def docstring(event):
    text = event["type"] + (f" with cause {event['cause']}" if event["cause"] else "") + f" at level {event['level']}"
    text += f" ({event['levelRule']})" if event["levelRule"] else ""
    lines = textwrap.wrap(f"{text}: {event['meaning']}.", 112)
    if takes_parameters(event):
        lines.append("")
        for parameter in event["params"]:
            more = "" if parameter["required"] else " (optional)"
            lines += textwrap.wrap(
                f":param {parameter_name(parameter)}: {parameter['meaning']}{more}", 112, subsequent_indent="    "
            )
    elif event["params"]:
        lines += ["", "The snapshot's members:"]
        for parameter in event["params"]:
            kind = parameter["type"] + ("" if parameter["required"] else ", optional")
            lines += textwrap.wrap(
                f"- {parameter['name']} ({kind}): {parameter['meaning']}", 112, subsequent_indent="  "
            )
    body = "\n    ".join(lines).replace("\n    \n", "\n\n")
    return f'    """{body}"""' if len(lines) == 1 else f'    """{body}\n    """'


def signature(event):
    words = ["source_id: str", "summary: str", "*"]
    if event["levelRule"]:
        words.append("severity: Union[Level, str]")
    if takes_parameters(event):
        for parameter in sorted(event["params"], key=lambda each: not each["required"]):
            kind = TYPES[parameter["type"]]
            name = parameter_name(parameter)
            words.append(f"{name}: {kind}" if parameter["required"] else f"{name}: Optional[{kind}] = None")
    elif event["snapshot"] == "always":
        words.append("snapshot: Any")
    elif event["snapshot"] == "optional":
        words.append("snapshot: Any = ABSENT")
    words.append("event_time: Optional[str] = None")
    return words


def function(event):
    name = function_name(event)
    lines = [f"def {name}(", *(f"    {word}," for word in signature(event)), ") -> Event:", docstring(event)]
    snapshot = "ABSENT" if event["snapshot"] == "none" else "snapshot"
    if takes_parameters(event):
        # in the catalog's order; those that are optional only where they are there
        if all(parameter["required"] for parameter in event["params"]):
            lines.append("    snapshot: dict[str, Any] = {")
            lines += [f'        "{each["name"]}": {parameter_name(each)},' for each in event["params"]]
            lines.append("    }")
        else:
            lines.append("    snapshot: dict[str, Any] = {}")
            for each in event["params"]:
                indent = "    "
                if not each["required"]:
                    lines.append(f"    if {parameter_name(each)} is not None:")
                    indent = "        "
                lines.append(f'{indent}snapshot["{each["name"]}"] = {parameter_name(each)}')
    level = "severity" if event["levelRule"] else f"Level.{event['level'].upper()}"
    cause = f'"{event["cause"]}"' if event["cause"] else "None"
    lines += [
        "    return Event(",
        f'        {level}, "{event["category"]}", "{event["type"]}", source_id, summary, event_time, {cause}, {snapshot}',
        "    )",
    ]
    return "\n".join(lines)


def main():
    with open(os.path.join(ROOT, "proto", "catalog.json"), encoding="utf-8") as text:
        catalog = json.load(text)
    print(HEAD)
    for category in catalog["categories"]:
        text = f"{category['world']}: {category['meaning']}. sourceId: {category['sourceId']}"
        print("\n".join(f"#: {line}" for line in textwrap.wrap(text, 112)))
        print(f'{snake(category["category"]).upper()} = "{category["category"]}"')
    for event in catalog["events"]:
        print(f"\n\n{function(event)}")


if __name__ == "__main__":
    main()
