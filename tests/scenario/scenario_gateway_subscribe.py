"""tocsin gateway opensips --subscribe: subscribed to all events by the management interface, before the subscription ends
again, and after OpenSIPS was restarted or away."""

import unittest

import support
from support_gateway import GatewayScenario
from support_opensips import EVENTS, OpenSips

WANTED = [name for name in EVENTS if not name.startswith("E_PROFILING")]


class GatewaySubscribe(GatewayScenario):
    def setUp(self):
        super().setUp()
        self.opensips = OpenSips()
        self.addCleanup(self.opensips.close)
        self.broker()

    def subscribe(self, url, *arguments):
        return self.gateway("opensips", "--source", "sip-1", "--listen", "udp:127.0.0.1:0", "--subscribe", url,
                            *arguments)  # fmt: skip

    def wait_subscribed(self):
        support.wait_until(lambda: all(self.opensips.sockets_of(name) for name in WANTED), "subscriptions")

    def check_goes_through(self, url):
        gateway = self.subscribe(url)
        self.wait_subscribed()
        self.assertEqual(self.opensips.sockets_of("E_PROFILING_SCRIPT"), [])
        self.assertEqual(self.opensips.raise_event("E_SCRIPT_CALL", {"n": 1}), 1)
        gateway.wait_count("published", 1)
        gateway.stop()
        self.assertEqual([event["type"] for event in self.logged()], ["E_SCRIPT_CALL"])
        self.assertEqual(self.opensips.raise_event("E_SCRIPT_CALL", {"n": 2}), 0)  # it has ended its subscriptions

    def test_over_http(self):
        self.check_goes_through(self.opensips.http_url)

    def test_over_datagrams_with_replies_printed_for_people(self):
        self.opensips.spelling = {"indent": 4}
        self.check_goes_through(self.opensips.udp_url)

    def test_a_subscription_over_http_is_renewed_before_it_ends(self):
        self.check_renewed(self.opensips.http_url)

    def test_a_subscription_over_datagrams_is_renewed_before_it_ends(self):
        self.check_renewed(self.opensips.udp_url)

    def check_renewed(self, url):
        gateway = self.subscribe(url, "--subscribe-for", "8s")
        self.wait_subscribed()
        first = dict(self.opensips.subscribers["E_CORE_LOG"])

        def is_renewed():
            self.assertTrue(self.opensips.sockets_of("E_CORE_LOG"), "it ended meanwhile")
            with self.opensips.lock:
                (ends,) = self.opensips.subscribers["E_CORE_LOG"].values()
            return ends > max(first.values()) + 6  # each renewal adds some 4 s

        support.wait_until(is_renewed, "two renewals")
        self.assertGreaterEqual(gateway.stop()["subscribed"], 3 * len(WANTED))

    def test_a_restart_of_opensips_is_noticed(self):
        gateway = self.subscribe(self.opensips.udp_url, "--subscribe-for", "4s")
        self.wait_subscribed()
        self.opensips.restart()
        self.wait_subscribed()
        self.assertIn("subscribing again", gateway.stderr())
        gateway.stop()

    def test_an_opensips_that_is_away_is_tried_again(self):
        self.opensips.is_away = True
        gateway = self.subscribe(self.opensips.http_url)
        gateway.wait_count("mi_failed", 1)
        support.wait_until(lambda: "HTTP status 503" in gateway.stderr(), "what is told of it")
        self.opensips.is_away = False
        self.wait_subscribed()
        gateway.stop()

    def test_an_event_that_is_refused_is_told_and_the_others_are_subscribed_to(self):
        self.opensips.mi_events_list = lambda: {"Events": [{"name": name} for name in ("E_NOPE", *EVENTS, 7, "")]}
        gateway = self.subscribe(self.opensips.http_url)
        self.wait_subscribed()
        gateway.wait_count("mi_failed", 1)
        support.wait_until(lambda: "E_NOPE: Bad parameter value" in gateway.stderr(), "what is told of it")
        gateway.stop()

    def test_what_cannot_be_subscribed_to_is_a_fault_of_usage(self):
        for listen, url in (("udp:127.0.0.1:0", "ftp://127.0.0.1/mi"), ("udp:*:0", self.opensips.http_url),
                            ("udp:127.0.0.1:0", "udp:nowhere")):  # fmt: skip
            gateway = self.gateway("opensips", "--source", "s", "--listen", listen, "--subscribe", url, listening=0)
            self.assertEqual(gateway.process.wait(support.DEADLINE_S), 2, gateway.stderr())
            self.assertIn("--subscribe", gateway.stderr())


if __name__ == "__main__":
    unittest.main()
