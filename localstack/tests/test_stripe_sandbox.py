"""The Stripe sandbox keeps the promises that the payment flow is tested against. Runs the real localstripe."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from stripe_bench import SECRET, Receiver, SandboxTest, within  # noqa: E402

from souk_local import stripe_sandbox  # noqa: E402 (needs the path above)
from souk_local.stripe_keys import PUBLISHABLE_KEY, SECRET_KEY  # noqa: E402

DECLINED, AUTHENTICATES = "4000000000009995", "4000002500003155"


class StripeSandbox(SandboxTest):
    def test_an_intent_is_paid_with_the_publishable_key_and_the_client_secret(self) -> None:
        created = self.intent(**{"automatic_payment_methods[enabled]": "true", "metadata[payment_id]": "pay_1"})
        self.assertEqual(created["status"], "requires_payment_method")
        self.assertEqual(self.pay(created)["status"], "succeeded")
        paid = self.get(f"payment_intents/{created['id']}")
        self.assertEqual((paid["amount_received"], paid["metadata"]), (4599, {"payment_id": "pay_1"}))
        self.assertTrue(paid["latest_charge"].startswith("ch_"))

    def test_a_webhook_is_signed_over_the_raw_body(self) -> None:
        receiver = self.listen()
        created = self.intent(**{"metadata[payment_id]": "pay_2"})
        self.pay(created)
        self.assertTrue(within(5, lambda: receiver.events("payment_intent.succeeded", created["id"])))
        for header, body in receiver.received:
            timestamp, _, given = header.removeprefix("t=").partition(",v1=")
            expected = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
            self.assertEqual(given, expected)
        event = receiver.events("payment_intent.succeeded", created["id"])[0]
        self.assertEqual(event["data"]["object"]["metadata"], {"payment_id": "pay_2"})

    def test_a_webhook_is_repeated_until_the_receiver_takes_it(self) -> None:
        receiver = self.listen(503, 301)
        created = self.intent()
        self.assertTrue(within(10, lambda: len(receiver.events("payment_intent.created", created["id"])) == 3))
        self.assertEqual(len({json.loads(body)["id"] for _, body in receiver.received}), 1)
        self.assertGreater(len({header for header, _ in receiver.received}), 1, "every attempt has its own timestamp")

    def test_a_declined_card_leaves_the_intent_open_for_another(self) -> None:
        receiver = self.listen()
        created = self.intent()
        error = self.refusal(402, self.pay, created, DECLINED)
        self.assertEqual((error["type"], error["code"], error["decline_code"]),
                         ("card_error", "card_declined", "insufficient_funds"))
        self.assertEqual(error["payment_intent"]["status"], "requires_payment_method")
        self.assertTrue(within(5, lambda: receiver.events("payment_intent.payment_failed", created["id"])))
        self.assertEqual(self.pay(created)["status"], "succeeded")

    def test_a_card_that_asks_for_authentication_is_authenticated_or_not(self) -> None:
        self.assertEqual(self.pay(self.intent(), AUTHENTICATES)["status"], "succeeded")
        refused = self.pay(self.intent(), AUTHENTICATES, authenticates=False)
        self.assertEqual(refused["status"], "requires_payment_method")

    def test_the_same_idempotency_key_gives_the_same_answer_once(self) -> None:
        form = {"amount": "700", "currency": "eur"}
        first = self.post("payment_intents", idempotency="key-1", **form)
        self.assertEqual(self.post("payment_intents", idempotency="key-1", **form), first)
        error = self.refusal(400, self.post, "payment_intents", idempotency="key-1", amount="701", currency="eur")
        self.assertEqual(error["type"], "idempotency_error")
        self.refusal(400, self.post, "payment_intents", idempotency="key-2", amount="1", currency="eur")
        self.assertEqual(self.post("payment_intents", idempotency="key-2", **form)["amount"], 700)

    def test_an_open_intent_can_be_cancelled_once_and_a_paid_one_cannot(self) -> None:
        receiver = self.listen()
        created = self.intent()
        cancelled = self.post(f"payment_intents/{created['id']}/cancel", cancellation_reason="abandoned")
        self.assertEqual((cancelled["status"], cancelled["cancellation_reason"]), ("canceled", "abandoned"))
        self.assertTrue(within(5, lambda: receiver.events("payment_intent.canceled", created["id"])))
        paid = self.intent()
        self.pay(paid)
        for intent in (created, paid):
            error = self.refusal(400, self.post, f"payment_intents/{intent['id']}/cancel")
            self.assertEqual(error["code"], "payment_intent_unexpected_state")
        self.assertEqual(self.refusal(400, self.pay, created)["code"], "payment_intent_unexpected_state")

    def test_refunds_never_exceed_the_charge(self) -> None:
        receiver = self.listen()
        paid = self.intent(amount="1000", **{"metadata[order_id]": "ord_1"})
        self.pay(paid)
        reason = {"reason": "requested_by_customer", "metadata[refund_id]": "ref_1"}
        refund = self.post("refunds", payment_intent=paid["id"], amount="400", **reason)
        self.assertEqual((refund["amount"], refund["status"]), (400, "succeeded"))
        self.assertEqual(refund["metadata"], {"refund_id": "ref_1"})
        error = self.refusal(400, self.post, "refunds", payment_intent=paid["id"], amount="601")
        self.assertEqual(error["param"], "amount")
        self.assertEqual(self.post("refunds", payment_intent=paid["id"])["amount"], 600)
        error = self.refusal(400, self.post, "refunds", payment_intent=paid["id"])
        self.assertEqual(error["code"], "charge_already_refunded")
        self.assertTrue(within(5, lambda: len(receiver.events("charge.refunded", paid["id"])) == 2))
        charges = [event["data"]["object"] for event in receiver.events("charge.refunded", paid["id"])]
        self.assertEqual({charge["amount_refunded"] for charge in charges}, {400, 1000})
        self.assertEqual(charges[0]["metadata"], {"order_id": "ord_1"})
        self.assertEqual(len(receiver.events("refund.created", paid["id"])), 2)

    def test_an_unpaid_intent_cannot_be_refunded(self) -> None:
        error = self.refusal(400, self.post, "refunds", payment_intent=self.intent()["id"])
        self.assertEqual(error["code"], "payment_intent_unexpected_state")

    def test_refusals_have_stripes_codes(self) -> None:
        eur = {"currency": "eur"}
        for expected, form in {
            "amount_too_small": {"amount": "49", **eur},
            "amount_too_large": {"amount": "100000000", **eur},
            "parameter_missing": eur,
            "parameter_invalid_integer": {"amount": "1.5", **eur},
            "parameter_unknown": {"amount": "500", "colour": "red", **eur},
        }.items():
            with self.subTest(expected):
                self.assertEqual(self.refusal(400, self.post, "payment_intents", **form)["code"], expected)
        self.assertEqual(self.refusal(404, self.get, "payment_intents/pi_none")["code"], "resource_missing")

    def test_only_the_right_keys_open_the_api(self) -> None:
        form = {"amount": "500", "currency": "eur"}
        for key in (None, "sk_test_another", "nonsense"):
            with self.subTest(key):
                self.refusal(401, self.post, "payment_intents", key=key, **form)
        error = self.refusal(403, self.post, "payment_intents", key=PUBLISHABLE_KEY, **form)
        self.assertEqual(error["code"], "secret_key_required")
        stolen = self.intent()["id"] + "_secret_guessed"
        error = self.refusal(400, stripe_sandbox.pay, stolen, sandbox_url=self.sandbox.url)
        self.assertEqual(error["param"], "client_secret")

    def test_it_listens_on_the_loopback_address_only(self) -> None:
        self.assertTrue(self.sandbox.url.startswith("http://127.0.0.1:"))
        self.assertEqual(stripe_sandbox.start(self.state), self.sandbox, "a second start finds the first")


@unittest.skipUnless(stripe_sandbox.installed(), "localstripe is not installed in this Python")
class Restart(unittest.TestCase):
    def test_intents_keys_and_undelivered_webhooks_survive_a_restart(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            state = Path(folder)
            port = stripe_sandbox.free_port()
            self.addCleanup(stripe_sandbox.stop, state)
            sandbox = stripe_sandbox.start(state, port)
            stripe_sandbox.register_webhook("http://127.0.0.1:9/nobody", SECRET, sandbox.url)
            form, header = {"amount": "900", "currency": "eur"}, {"Idempotency-Key": "before"}
            created = stripe_sandbox.call("POST", f"{sandbox.url}/v1/payment_intents", form, SECRET_KEY, header)
            stripe_sandbox.pay(created["client_secret"], sandbox_url=sandbox.url)
            self.assertTrue(stripe_sandbox.stop(state))
            self.assertFalse(stripe_sandbox.stop(state))

            sandbox = stripe_sandbox.start(state, port)
            again = stripe_sandbox.call("POST", f"{sandbox.url}/v1/payment_intents", form, SECRET_KEY, header)
            self.assertEqual(again, created)
            receiver = Receiver()
            self.addCleanup(receiver.close)
            stripe_sandbox.register_webhook(receiver.url, SECRET, sandbox.url)
            self.assertTrue(within(10, lambda: receiver.events("payment_intent.succeeded", created["id"])))
            stripe_sandbox.stop(state)

    def test_a_taken_port_is_named_in_the_error(self) -> None:
        receiver = Receiver()
        self.addCleanup(receiver.close)
        port = int(receiver.url.split(":")[2].split("/")[0])
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(stripe_sandbox.SandboxError, str(port)):
            stripe_sandbox.start(Path(folder), port)


class Paying(unittest.TestCase):
    def test_something_that_is_no_client_secret_is_refused_before_any_call(self) -> None:
        with self.assertRaisesRegex(stripe_sandbox.SandboxError, "client secret"):
            stripe_sandbox.pay("sk_live_oops")


if __name__ == "__main__":
    unittest.main()
