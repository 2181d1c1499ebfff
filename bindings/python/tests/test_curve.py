"""Keys, and what an access file does not allow, against a broker that encrypts."""

import asyncio
import json
import os
import subprocess

import pytest
from broker import Broker, build_dir
from conftest import DEADLINE, event, numbers

import tocsin


def make_keys(path):
    subprocess.run([os.path.join(build_dir(), "client", "tocsin"), "keygen", "-q", str(path)], check=True)
    return tocsin.Keys.load(f"{path}.key_secret", f"{path}.key").public


@pytest.fixture
def door(tmp_path):
    """Gives a client by the name of its key."""
    public = {name: make_keys(tmp_path / name) for name in ("broker", "all", "some", "nobody")}
    access = tmp_path / "access.yaml"
    keys = [
        {"name": "all", "public": public["all"], "publish": ["*"], "producers": ["*"], "live": True, "read": [""]},
        {"name": "some", "public": public["some"], "publish": ["TestEvent/mine"], "read": ["TestEvent/mine\0"]},
    ]
    access.write_text(json.dumps({"keys": keys}))
    access.chmod(0o600)
    flags = ["--curve-key", str(tmp_path / "broker.key_secret"), "--access", str(access)]

    with Broker(str(tmp_path / "log"), flags) as broker:

        def client(name, kind=tocsin.Client, timeout=DEADLINE):
            keys = name and tocsin.Keys.load(tmp_path / f"{name}.key_secret", str(tmp_path / "broker.key"))
            return kind(broker.server, keys=keys, timeout=timeout)

        yield client


def test_all_doors_open_to_a_key_that_may(door):
    client = door("all")
    with client.subscribe(filters=["TestEvent"]) as live, client.publisher() as publisher:
        publisher.publish(event(1))
        with client.appender("p") as appender:
            appender.append(event(2), DEADLINE)
        assert sorted(numbers([next(live), next(live)])) == [1, 2]
    with client.stream(start="first", filters=["TestEvent"], follow=False) as stream:
        assert sorted(numbers(stream)) == [1, 2]
    assert client.info().head >= 3
    assert len(client.latest(filters=["TestEvent"])) == 2


def test_all_doors_open_to_asyncio_too(door):
    async def main():
        client = door("all", tocsin.AsyncClient)
        async with client.subscribe(filters=["TestEvent"]) as live, client.appender("p") as appender:
            await appender.append(event(1))
            assert numbers([await live.__anext__()]) == [1]

    asyncio.run(main())


def test_who_is_not_known_is_told_about_keys(door):
    client = door("nobody", timeout=1.0)
    for opens in (client.publisher, lambda: client.appender("p"), client.subscribe, client.stream, client.info):
        with pytest.raises(tocsin.Unreachable, match="keys"):
            opens()


def test_without_keys_nothing_comes_in(door):
    client = door(None, timeout=0.5)
    for opens in (client.publisher, lambda: client.appender("p"), client.subscribe, client.stream):
        with pytest.raises(tocsin.Unreachable):
            opens()


def test_what_a_key_may_not_is_denied(door):
    client = door("some")
    with pytest.raises(tocsin.Denied):
        client.appender("another")
    refused = []
    with client.appender("some", on_refused=refused.append) as appender:
        assert appender.append(event(1, source_id="mine"), DEADLINE).seq > 0
        with pytest.raises(tocsin.Refused) as error:
            appender.append(event(2, source_id="yours"), DEADLINE)
        assert error.value.code == "denied" and refused[0].field
    with pytest.raises(tocsin.Denied):
        client.stream(filters=["TestEvent/yours"])
    with client.stream(start="first", filters=["TestEvent/mine"], follow=False) as stream:
        assert numbers(stream) == [1]
