"""scenario_hostile_zmtp.py in its full form: more of everything."""

import os
import sys
import unittest

import harness

os.environ["TOCSIN_FAULT_FULL"] = "1"

import scenario_hostile_zmtp  # noqa: E402  it asks for the form when it is imported


def main():
    watch = harness.Stopwatch()
    suite = unittest.defaultTestLoader.loadTestsFromModule(scenario_hostile_zmtp)
    outcome = unittest.TextTestRunner(verbosity=2).run(suite)
    good = harness.result("hostile ZMTP", outcome.wasSuccessful(), f"{outcome.testsRun} attacks, {watch.s:.0f} s")
    sys.exit(0 if good else 1)


main()
