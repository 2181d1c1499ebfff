"""The printed catalog is that of proto/catalog.json, and its functions make the events that it names."""

import inspect
import json
import os
import subprocess
import sys

from conftest import ROOT

from tocsin import ABSENT, Level, catalog

HERE = os.path.dirname(os.path.realpath(__file__))


def known():
    with open(os.path.join(ROOT, "proto", "catalog.json"), encoding="utf-8") as text:
        return json.load(text)


def test_what_is_in_the_tree_is_what_the_generator_prints():
    printed = subprocess.run(
        [sys.executable, os.path.join(HERE, "..", "tools", "print_catalog.py")], stdout=subprocess.PIPE, check=True
    )
    with open(catalog.__file__, "rb") as file:
        assert file.read() == printed.stdout


def test_every_known_event_can_be_made_and_is_good():
    functions = [each for name, each in inspect.getmembers(catalog, inspect.isfunction) if each.__module__ == catalog.__name__]
    made = set()
    for function in functions:
        values = {"source_id": "s", "summary": "", "severity": "Warning", "snapshot": {}}
        parameters = inspect.signature(function).parameters
        given = {
            name: values.get(name, 7 if "int" in str(parameter.annotation) else "x")
            for name, parameter in parameters.items()
            if parameter.default is inspect.Parameter.empty
        }
        event = function(**given)
        event.check()
        made.add((event.category, event.type, event.cause or ""))
    assert made == {(each["category"], each["type"], each["cause"]) for each in known()["events"]}


def test_parameters_become_the_snapshot():
    event = catalog.core_threshold("sip-1", "slow", source="tcp ops", time_us=7, extra="")
    assert event.snapshot == {"source": "tcp ops", "time": 7, "extra": ""}
    assert (event.level, event.type) == (Level.WARNING, "E_CORE_THRESHOLD")
    assert catalog.stream_created("s", "").snapshot is ABSENT
