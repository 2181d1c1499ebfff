"""tocsin status: a real broker and the real command line, against what OpenSIPS itself said, and against all ways of
coming to the same state."""

import fcntl
import json
import os
import pty
import random
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

import support
from support import Log, data_events, event, pack
from support_command import CommandScenario
from support_faults import Faults
from support_relay import Relay

SEED = int(os.environ.get("SEED", "20261121"))
FAR_AWAY = "2199-01-01"

# By member of -o json: the types of OvenMediaEngine's events that begin something, and the one that ends it.
IN_PROGRESS = {
    "servers": (("ServerStarted",), None),
    "hosts": (("HostCreated",), "HostDeleted"),
    "apps": (("AppCreated",), "AppDeleted"),
    "streams": (("StreamCreated", "StreamPrepared"), "StreamDeleted"),
    "recordings": (("RecordingStarted",), "RecordingStopped"),
    "pushes": (("PushPublishingStarted",), "PushPublishingStopped"),
    "dumps": (("HLSDumpStarted",), "HLSDumpStopped"),
    "scheduled_channels": (("ScheduledChannelCreated", "ScheduledChannelUpdated"), "ScheduledChannelDeleted"),
    "multiplex_channels": (("MultiplexChannelCreated", "MultiplexChannelUpdated"), "MultiplexChannelDeleted"),
}


def tcp_session():
    """The events of that session: from the first start of the core to the next one's."""
    events = data_events("opensips-core-events.jsonl")
    starts = [index for index, event in enumerate(events) if event["sourceId"] == "opensips-1/core/main"]
    return events[starts[0] : starts[1]]


def replies():
    """What the OpenSIPS of the captures answered at the end of the session that was captured over TCP: {command: reply}."""
    known = {}
    with open(os.path.join(support.DATA_DIR, "opensips", "management-interface.txt"), encoding="utf-8") as file:
        lines = file.read().split("\n")
    for command, answer in zip(lines, lines[1:]):
        if command.startswith(">>> sr_"):
            known[command.removeprefix(">>> ")] = json.loads(answer)
    return known


def that_raised_events(groups):
    """Of groups as sr_list_status has them the identifiers that had raised an event since they were there: of the others
    nobody can know."""
    raised = {(item["snapshot"]["group"].lower(), item["snapshot"]["identifier"].lower())
              for item in tcp_session() if item["type"] == "E_CORE_SR_STATUS_CHANGED"}  # fmt: skip
    kept = []
    for group in groups:
        identifiers = [item for item in group["Identifiers"] if (group["Name"].lower(), item["Name"].lower()) in raised]
        if identifiers:
            kept.append({"Name": group["Name"], "Identifiers": identifiers})
    return kept


def model_of(lines):
    """{(group, identifier): (status, details)} of the log's lines, by other means than the tracker's."""
    known = {}
    for line in lines:
        if line["type"] != "E_CORE_SR_STATUS_CHANGED" or not isinstance(line["snapshot"]["status"], int):
            continue
        snapshot = line["snapshot"]
        known[snapshot["group"].lower(), snapshot["identifier"].lower()] = (snapshot["status"], snapshot.get("details"))
    return known


def flat(groups):
    return {
        (group["Name"].lower(), identifier["Name"].lower()): (identifier["Status"], identifier.get("Details"))
        for group in groups for identifier in group["Identifiers"]
    }  # fmt: skip


def in_progress(lines):
    """{(member, source, id): type of its last event} of what OvenMediaEngine has told to begin and not to end."""
    known = {}
    for line in lines:
        for member, (begin, end) in IN_PROGRESS.items():
            has_id = member in ("recordings", "pushes", "dumps")
            key = (member, line["sourceId"], line.get("snapshot", {}).get("id") if has_id else None)
            if line["type"] in begin:
                known[key] = line["type"]
            elif line["type"] == end:
                known.pop(key, None)
    return known


def comparable(text, *without):
    """The state without what depends on when and how it was asked for."""
    state = json.loads(text)
    for key in ("at", *without):
        state.pop(key, None)
    return state


def last_state(path):
    """The last whole state that a watcher has written, {} where there is none yet."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    return json.loads(lines[-2]) if len(lines) > 1 else {}


class Status(CommandScenario):
    def start(self, *arguments, **options):
        return super().start("status", *arguments, **options)

    def status(self, *arguments, code=0):
        return self.finish(self.start(*arguments), code)

    # The captures

    def test_the_state_is_what_opensips_itself_said_identifier_by_identifier(self):
        broker = self.broker()
        self.send(broker, tcp_session())
        said = replies()
        listed = that_raised_events(said["sr_list_status"]["result"])
        self.assertEqual([len(group["Identifiers"]) for group in listed], [1, 1, 1, 1])
        self.assertEqual(json.loads(self.status("-o", "opensips")), listed)
        for group in listed:
            self.assertEqual(json.loads(self.status("--group", group["Name"].upper())), group["Identifiers"])
        self.assertEqual(json.loads(self.status("--group", "dispatcher", "--identifiers")),
                         {"Group": "dispatcher", "Identifiers": ["default"]})  # fmt: skip
        self.assertEqual([group["Group"] for group in json.loads(self.status("--identifiers"))],
                         [group["Name"] for group in listed])  # fmt: skip
        reports = json.loads(self.status("--reports", "--group", "media gw", "--utc"))
        self.assertEqual([report["Log"] for report in reports[0]["Reports"]],
                         ["status changed from 1 to -2: line1\nline2", "status changed from -2 to 1: back"])  # fmt: skip
        self.assertEqual(reports[0]["Reports"][1]["Date"], "Sat Nov 21 01:33:13 2026")
        for group, identifier in (("billing", "main"), ("BILLING", "MAIN"), ("dispatcher", "all")):
            self.assertEqual(json.loads(self.status("--group", group, "--identifier", identifier)),
                             said[f'sr_get_status {{"group":"{group}","identifier":"{identifier}"}}']["result"])  # fmt: skip
        for arguments, command in ((("--group", "nope"), '{"group":"nope"}'),
                                   (("--group", "billing", "--identifier", "nope"), '{"group":"billing","identifier":"nope"}')):  # fmt: skip
            self.status(*arguments, code=1)
            self.assertIn(said[f"sr_get_status {command}"]["error"]["message"], self.err)
        table = self.status()
        self.assertIn("media gw", table)
        self.assertIn("1 events lacked", table)  # an event of OpenSIPS's name that somebody else made up

    def test_the_state_at_any_earlier_moment(self):
        broker = self.broker()
        for item in tcp_session():
            if item["type"] == "E_CORE_SR_STATUS_CHANGED":
                self.send(broker, [item])
        broker.stop()
        lines = Log(self.log_dir).lines
        self.broker()
        for index, line in enumerate(lines):
            until = [other for other in lines if other["received"] <= line["received"]]
            self.assertEqual(flat(json.loads(self.status("-o", "opensips", "--at", line["received"]))), model_of(until))
            if index % 4 == 0:
                self.assertEqual(flat(json.loads(self.status("-o", "opensips", "--at", line["received"], "--dir", self.log_dir))),
                                 model_of(until))  # fmt: skip
        self.assertEqual(json.loads(self.status("-o", "opensips", "--at", "1999-01-01")), [])

    def test_what_ovenmediaengine_has_in_progress_at_any_moment(self):
        broker = self.broker()
        for item in data_events("ome-events.log"):
            self.send(broker, [item])
        lines = Log(self.log_dir).lines
        words = {"Created": "created", "Prepared": "prepared", "Updated": "updated"}
        seen = set()
        for index in [*range(0, len(lines), 4), len(lines) - 1]:
            wanted = in_progress(lines[: index + 1])
            state = json.loads(self.status("-o", "json", "--at", lines[index]["received"]))
            known = {(member, item["source"], item.get("id")): item["state"]
                     for member in IN_PROGRESS for item in state[member] if item["state"] not in ("deleted", "stopped")}  # fmt: skip
            self.assertEqual(set(known), set(wanted))
            for key, type_ in wanted.items():
                for end, word in words.items():
                    if type_.endswith(end):
                        self.assertEqual(known[key], word, key)
            seen.update(member for member, _, _ in known)
        self.assertEqual(seen, set(IN_PROGRESS))

    # All ways lead to the same state

    def random_events(self, rng, count):
        known = data_events("opensips-core-events.jsonl") + data_events("ome-events.log")
        known = [item for item in known if len(json.dumps(item)) < 4000]
        for _ in range(count):
            chance = rng.random()
            if chance < 0.3:
                yield event(rng.randrange(50))
            elif chance < 0.6:
                yield rng.choice(known)
            else:
                source = f"#default#app{rng.randrange(3)}/cam{rng.randrange(8)}"
                type_ = rng.choice(["StreamCreated", "StreamPrepared", "StreamDeleted", "RecordingStarted",
                                    "RecordingStopped", "PushPublishingStarted", "Other"])  # fmt: skip
                snapshot = {"id": f"job-{rng.randrange(4)}"}
                yield event(category="StreamEvent", type=type_, sourceId=source, snapshot=snapshot)

    def assert_all_ways_agree(self):
        fast = self.status("-o", "json", "--stale", "1h")
        self.assertEqual(comparable(fast), comparable(self.status("-o", "json", "--stale", "1h", "--at", FAR_AWAY)))
        by_files = self.status("-o", "json", "--stale", "1h", "--dir", self.log_dir)
        self.assertEqual(comparable(fast, "log_id"), comparable(by_files, "log_id"))
        return fast

    def test_a_tracker_started_late_or_restarted_or_cut_off_knows_the_same(self):
        rng = random.Random(SEED)
        print(f"SEED={SEED}", flush=True)
        broker = self.broker()
        output = os.path.join(self.dir, "states")
        with open(output, "w", encoding="utf-8") as file:
            watch = self.start("--watch", "-o", "json", "--stale", "1h", stdout=file)
        self.addCleanup(watch.kill)
        states = []
        for _ in range(4):
            self.send(broker, list(self.random_events(rng, 300)))
            states.append(self.assert_all_ways_agree())
            broker.kill()
            broker = self.broker()
        fast = json.loads(self.assert_all_ways_agree())
        for state in states:  # what was known then is what is known now of then
            then = json.loads(state)["last_received"]
            self.assertEqual(comparable(state), comparable(self.status("-o", "json", "--stale", "1h", "--at", then)))
        self.assertGreater(len(fast["streams"]), 10)
        self.assertGreater(len(fast["recordings"]), 10)

        support.wait_until(lambda: last_state(output).get("seq") == fast["seq"], "the watcher")
        self.assertEqual(comparable(json.dumps(last_state(output))), comparable(json.dumps(fast)))
        watch.send_signal(signal.SIGTERM)
        self.finish(watch, 143)

    def test_a_tracker_whose_link_is_cut_again_and_again_knows_the_same(self):
        rng = random.Random(SEED)
        broker = self.broker()
        output = os.path.join(self.dir, "states")
        with Relay(self.endpoint) as relay, open(output, "w", encoding="utf-8") as file:
            watch = self.start("--watch", "-o", "json", "--stale", "1h", "--stream", relay.endpoint, stdout=file)
            for cuts in range(1, 5):
                support.wait_until(lambda: relay.carried >= cuts, "a connection over the link")
                self.send(broker, list(self.random_events(rng, 150)))
                relay.cut()
                self.send(broker, list(self.random_events(rng, 150)))
                relay.mend()
            fast = json.loads(self.assert_all_ways_agree())
            support.wait_until(lambda: last_state(output).get("seq") == fast["seq"], "the watcher")
            self.assertEqual(comparable(json.dumps(last_state(output))), comparable(json.dumps(fast)))
            watch.send_signal(signal.SIGTERM)
            self.finish(watch, 143)

    def test_only_the_topics_that_are_asked_for(self):
        broker = self.broker()
        session = [item for item in tcp_session() if item["type"] == "E_CORE_SR_STATUS_CHANGED"]
        other = [{**item, "sourceId": item["sourceId"].replace("opensips-1", "opensips-2")} for item in session[:5]]
        self.send(broker, session + other)
        both = json.loads(self.status("-o", "opensips"))
        self.assertEqual({group["Source"] for group in both}, {"opensips-1", "opensips-2"})
        self.assertEqual(json.loads(self.status("-o", "opensips", "CoreEvent/opensips-1/")),
                         that_raised_events(replies()["sr_list_status"]["result"]))  # fmt: skip

    def test_what_is_not_in_the_log_any_more_is_not_known_and_that_is_told(self):
        faults = Faults(self.dir)
        self.addCleanup(faults.close)
        faults.set_clock("2026-11-20 23:59:00")
        broker = self.broker(env=faults.environment())
        self.send(broker, tcp_session())
        faults.set_clock("2026-11-21 00:00:10")
        self.send(broker, [event(sourceId="sip-9")])
        broker.stop()
        os.unlink(os.path.join(self.log_dir, "events.log.20261120"))
        self.broker(env=faults.environment())
        self.assertEqual(json.loads(self.status("-o", "opensips")), [])
        state = json.loads(self.status("-o", "json"))
        self.assertGreater(state["first_seq"], len(tcp_session()))
        self.assertEqual([source["source"] for source in state["sources"]], ["sip-9"])
        self.assertIn(f"the log begins with seq {state['first_seq']}", self.status())
        self.assert_all_ways_agree()

    # Plugins

    def test_a_check_ends_as_a_monitoring_plugin(self):
        broker = self.broker()
        session = [item for item in tcp_session() if item["type"] == "E_CORE_SR_STATUS_CHANGED"]
        self.send(broker, session)
        self.assertTrue(self.status("--check").startswith("TOCSIN OK - 4 identifiers ready | not_ready=0;;0;0;4"))
        self.assertIn("opensips-1 silent for", self.status("--check", "--stale", "1ms", code=1))
        self.assertTrue(self.status("--check", "--stale", "1h").startswith("TOCSIN OK"))
        self.assertEqual(self.status("--check", "CoreEvent/sip-mistyped", code=3),
                         "TOCSIN UNKNOWN - nothing was ever heard of these topics\n")  # fmt: skip
        bad = next(item for item in session if item["snapshot"]["status"] == -100)
        self.send(broker, [bad])
        self.assertRegex(self.status("--check", code=2), r'^TOCSIN CRITICAL - opensips-1 billing/main not ready \(-100, .*\| not_ready=1;')
        broker.stop()
        self.assertTrue(self.status("--check", "--timeout", "300ms", code=3).startswith("TOCSIN UNKNOWN - "))
        self.assertTrue(self.status("--check", "--stale", "soon", code=3).startswith("TOCSIN UNKNOWN - "))
        self.status("--timeout", "300ms", code=3)
        self.status("--watch", "--at", "1h", code=2)

    def test_who_was_silent_for_long_is_named(self):
        broker = self.broker()
        self.send(broker, [event(sourceId="sip-1"), event(sourceId="#d#a/gone", category="StreamEvent", type="StreamCreated")])
        self.send(broker, [event(sourceId="#d#a/gone", category="StreamEvent", type="StreamDeleted")])
        silent = lambda: {source["source"]: source["silent"] for source in json.loads(self.status("-o", "json", "--stale", "1s"))["sources"]}
        support.wait_until(lambda: silent()["sip-1"], "the silence")
        self.assertEqual(silent(), {"sip-1": True, "#d#a/gone": False})
        self.send(broker, [event(sourceId="sip-1")])
        table = self.status("--stale", "1h")
        self.assertRegex(table, r"Sources heard of last\n.*LAST SEEN.*\n  sip-1 ")
        self.assertNotIn("silent for", table)
        self.assertNotIn("#d#a/gone", table)

    # Its own events

    def changes(self, broker):
        """(sourceId, level, ok) of the StatusChanged events in the log."""
        broker.metric("tocsin_log_durable_seq")
        lines = [line for line in Log(self.log_dir).lines if line["category"] == "StatusEvent"]
        return [(line["sourceId"], line["level"], line["snapshot"]["ok"]) for line in lines]

    def test_what_changes_is_published_once_over_restarts_of_both(self):
        append = f"tcp://127.0.0.1:{support.free_port()}"
        broker = self.broker("--append", append)
        session = [item for item in tcp_session() if item["type"] == "E_CORE_SR_STATUS_CHANGED"]
        bad = next(item for item in session if item["snapshot"]["status"] == -100)
        good = next(item for item in session if item["snapshot"]["status"] == 7)
        wanted = []

        def publisher(*arguments):
            process = self.start("--publish", "--append", append, *arguments)
            self.addCleanup(process.kill)
            return process

        def come(*changes):
            wanted.extend(changes)
            support.wait_until(lambda: len(self.changes(broker)) >= len(wanted), f"{changes}")
            self.assertEqual(self.changes(broker), wanted)

        self.send(broker, session)  # all are ready at its end
        process = publisher()
        self.send(broker, [bad])
        come(("opensips-1/billing/main", "Error", False))
        process.kill()
        process.communicate(timeout=support.DEADLINE_S)
        self.send(broker, [good])
        broker.kill()
        broker = self.broker("--append", append)
        process = publisher()
        come(("opensips-1/billing/main", "Info", True))
        self.send(broker, [event(category="CoreEvent", type="E_CORE_SHM_THRESHOLD", sourceId="opensips-1",
                                 snapshot={"usage": 95, "threshold": 90, "used": 1, "size": 2})])  # fmt: skip
        come(("opensips-1/memory/shm", "Warning", False))
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=support.DEADLINE_S)
        self.assertEqual(process.returncode, 143, err)
        process = publisher("--stale", "1s", "CoreEvent", "StatusEvent")
        come(("opensips-1", "Warning", False))
        self.send(broker, [good])
        come(("opensips-1", "Info", True))
        process.kill()
        process.communicate(timeout=support.DEADLINE_S)
        sources = {source["source"] for source in json.loads(self.status("-o", "json"))["sources"]}
        self.assertEqual(sources, {"opensips-1"})  # to have been talked about is no sign of life
        self.assert_all_ways_agree()

    # A terminal

    def on_terminal(self, rows=12, columns=60):
        """(process, function that reads until a text has come, all that came)"""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        process = self.start("--watch", stdout=slave)
        os.close(slave)
        self.addCleanup(os.close, master)
        self.addCleanup(process.kill)
        seen = bytearray()

        def read_until(text):
            deadline = time.monotonic() + support.DEADLINE_S
            begin = len(seen)
            while text not in seen[begin:]:
                if not select.select([master], [], [], max(0, deadline - time.monotonic()))[0]:
                    raise AssertionError(f"{text} did not come: {bytes(seen)}")
                try:
                    seen.extend(os.read(master, 65536))
                except OSError:  # the other end is closed
                    break
            return bytes(seen[begin:])

        return process, master, read_until

    def test_the_screen_is_live_and_the_terminal_as_it_was_after_any_signal(self):
        broker = self.broker()
        self.send(broker, tcp_session())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            process, master, read_until = self.on_terminal()
            self.assertIn(b"\x1b[?1049h", read_until(b"media gw"))
            process.send_signal(number)
            tail = read_until(b"\x1b[?1049l")
            self.assertIn(b"\x1b[?25h", tail)
            self.assertEqual(process.wait(support.DEADLINE_S), 128 + number)

    def test_the_screen_follows_events_sizes_and_a_lost_broker(self):
        broker = self.broker()
        self.send(broker, tcp_session())
        process, master, read_until = self.on_terminal()
        frame = read_until(b"\x1b[J")
        self.assertLessEqual(frame.count(b"\n"), 12)
        self.send(broker, [event(category="CoreEvent", type="E_CORE_SR_STATUS_CHANGED", sourceId="z/gate/x",
                                 snapshot={"group": "gate\x1b[2J", "identifier": "x", "status": -7, "old_status": 1})])  # fmt: skip
        shown = read_until(b"gate\\u001b[2J")
        self.assertNotIn(b"gate\x1b", shown)
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 5, 20, 0, 0))
        process.send_signal(signal.SIGWINCH)
        support.wait_until(lambda: read_until(b"\x1b[J").count(b"\n") <= 5, "a frame of that size")
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
        broker.kill()
        read_until(b"CONNECTION LOST")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(support.DEADLINE_S), 143)


if __name__ == "__main__":
    unittest.main()
