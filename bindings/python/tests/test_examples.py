"""The examples. The README's first program is run by test.sh, with the package installed."""

import os
import subprocess
import sys

from conftest import DEADLINE, event

HERE = os.path.dirname(os.path.realpath(__file__))
BINDING = os.path.dirname(HERE)


def run(*arguments):
    done = subprocess.run([sys.executable, *arguments], stdout=subprocess.PIPE, timeout=DEADLINE, check=True)
    return done.stdout.decode()


def example(name):
    return os.path.join(BINDING, "examples", name)


def test_the_examples_run(broker, client, tmp_path):
    assert "11 events are durable" in run(example("append.py"), broker.server)
    run(example("log_records.py"), broker.server)
    first = run(example("replay.py"), broker.server, str(tmp_path / "cursor"))
    assert "InvoiceSent Invoice 17 sent" in first
    assert "InvoiceSent" not in run(example("replay.py"), broker.server, str(tmp_path / "cursor"))


def test_the_live_example_shows_what_comes(broker, client):
    following = subprocess.Popen([sys.executable, example("follow.py"), broker.server], stdout=subprocess.PIPE, text=True)
    try:
        assert following.stdout.readline() == "following\n"
        with client.publisher() as publisher:
            publisher.publish(event(1))
            publisher.publish(event(2, level="Error", summary="it burns"))
        assert "Error TestEvent/source-2 Numbered it burns" in following.stdout.readline()
    finally:
        following.kill()
        following.wait()
