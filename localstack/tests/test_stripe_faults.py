"""What the Stripe sandbox does wrong for one order, on request, and for no other."""

from __future__ import annotations

import http.client
import json
import sys
import threading
import unittest
import urllib.request
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from stripe_bench import Receiver, SandboxTest, within  # noqa: E402 (needs the path above)

from souk_local import stripe_sandbox  # noqa: E402
from souk_local.stripe_faults import CallFault, Faults, Unreadable  # noqa: E402

CREATE = "POST /v1/payment_intents"
SUCCEEDED = "payment_intent.succeeded"


class StripeFaults(SandboxTest):
    def config(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        sent = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.sandbox.url}/_config/{path}", data=sent, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))

    def fault(self, order: str = "ord_1", **faults: object) -> dict[str, Any]:
        return self.config("PUT", f"faults/{order}", faults)

    def of_order(self, order: str = "ord_1", idempotency: str | None = None) -> dict[str, Any]:
        return self.intent(idempotency=idempotency, **{"metadata[order_id]": order})

    def events(self, order: str = "ord_1") -> list[dict[str, Any]]:
        return list(self.config("GET", f"orders/{order}")["events"])

    def await_types(self, receiver: Receiver, intent: dict[str, Any], *types: str) -> None:
        """Waits until the intent's events have come, in this order and not otherwise."""
        self.assertTrue(within(10, lambda: len(self.types(receiver, intent)) >= len(types)))
        self.assertEqual(self.types(receiver, intent), list(types))

    def types(self, receiver: Receiver, intent: dict[str, Any]) -> list[str]:
        events = [json.loads(body) for _, body in list(receiver.received)]
        subjects = [(event["type"], event["data"]["object"]) for event in events]
        return [kind for kind, shown in subjects if intent["id"] in (shown["id"], shown.get("payment_intent"))]

    def test_the_first_events_of_one_order_are_lost_and_those_of_others_come(self) -> None:
        receiver = self.listen()
        self.assertEqual(self.fault(drop=1, only=[SUCCEEDED])["drop"], 1)
        faulty, usual = self.of_order(), self.of_order("ord_2")
        for intent in (faulty, usual):
            self.pay(intent)
        self.await_types(receiver, usual, "payment_intent.created", SUCCEEDED)
        self.await_types(receiver, faulty, "payment_intent.created")
        self.assertEqual(self.config("GET", "faults/ord_1")["drop"], 0)

    def test_a_lost_event_can_still_be_delivered_and_as_often_as_one_likes(self) -> None:
        receiver = self.listen()
        self.fault(drop=9)
        intent = self.of_order()
        self.pay(intent)
        lost = [event for event in self.events() if event["type"] == SUCCEEDED]
        for _ in range(2):
            self.assertEqual(self.config("POST", f"events/{lost[0]['id']}")["outcomes"], ["200"])
        self.await_types(receiver, intent, SUCCEEDED, SUCCEEDED)

    def test_every_event_comes_several_times_under_one_id(self) -> None:
        receiver = self.listen()
        self.fault(copies=3, delay_ms=50)
        intent = self.of_order()
        self.await_types(receiver, intent, *["payment_intent.created"] * 3)
        self.assertEqual(len({json.loads(body)["id"] for _, body in receiver.received}), 1)

    def test_a_pair_of_events_comes_in_the_wrong_order(self) -> None:
        receiver = self.listen()
        self.fault(reverse=True)
        intent = self.of_order()
        self.pay(intent)
        self.await_types(receiver, intent, SUCCEEDED, "payment_intent.created")

    def test_events_wait_until_they_are_released(self) -> None:
        receiver = self.listen()
        self.fault(hold=True)
        held, usual = self.of_order(), self.of_order("ord_2")
        self.await_types(receiver, usual, "payment_intent.created")
        self.await_types(receiver, held)
        self.config("DELETE", "faults/ord_1")
        self.await_types(receiver, held, "payment_intent.created")

    def test_the_bank_declines_every_card_until_it_does_not(self) -> None:
        self.fault(decline=True)
        intent = self.of_order()
        self.assertEqual(self.refusal(402, self.pay, intent)["code"], "card_declined")
        self.config("DELETE", "faults/ord_1")
        self.assertEqual(self.pay(intent)["status"], "succeeded")

    def test_an_intent_can_be_paid_and_the_shop_told_before_its_creator_is_answered(self) -> None:
        receiver = self.listen()
        self.fault(confirm=True, calls=[{"route": CREATE, "fault": "hold"}])
        answers: list[dict[str, Any]] = []
        creating = threading.Thread(target=lambda: answers.append(self.of_order()))
        creating.start()
        self.assertTrue(within(5, lambda: any(b"payment_intent.succeeded" in body for _, body in receiver.received)))
        self.assertEqual(answers, [])
        self.config("DELETE", "faults/ord_1")
        creating.join()
        self.assertEqual(answers[0]["status"], "succeeded")

    def test_a_call_fails_as_often_as_asked_and_nothing_is_done(self) -> None:
        self.fault(calls=[{"route": CREATE, "fault": "error", "times": 2}, {"route": CREATE, "fault": "in_use"}])
        for status in (500, 500, 409):
            self.refusal(status, self.of_order, idempotency="key-1")
        self.of_order("ord_2")
        intent = self.of_order(idempotency="key-1")
        seen = self.config("GET", "orders/ord_1")
        self.assertEqual([shown["id"] for shown in seen["intents"]], [intent["id"]])
        self.assertEqual([call["fault"] for call in seen["calls"]], ["error", "error", "in_use", None])
        self.assertEqual({call["idempotency_key"] for call in seen["calls"]}, {"key-1"})

    def test_an_error_can_stick_to_the_idempotency_key(self) -> None:
        self.fault(calls=[{"route": CREATE, "fault": "kept_error"}])
        for _ in range(2):
            self.refusal(500, self.of_order, idempotency="burnt")
        self.of_order(idempotency="another")

    def test_an_answer_gets_lost_after_all_was_done(self) -> None:
        self.fault(calls=[{"route": CREATE, "fault": "lost_answer"}])
        with self.assertRaises((http.client.RemoteDisconnected, ConnectionError, stripe_sandbox.SandboxError)):
            self.of_order(idempotency="key-2")
        intent = self.of_order(idempotency="key-2")
        self.assertEqual([shown["id"] for shown in self.config("GET", "orders/ord_1")["intents"]], [intent["id"]])

    def test_a_refund_is_pending_until_the_bank_has_made_or_refused_it(self) -> None:
        receiver = self.listen()
        self.fault(slow_refunds=True)
        for status, event in (("succeeded", "refund.updated"), ("failed", "refund.failed")):
            intent = self.of_order()
            self.pay(intent)
            refund = self.post("refunds", payment_intent=intent["id"])
            self.assertEqual(refund["status"], "pending")
            self.refusal(400, self.post, "refunds", payment_intent=intent["id"])
            self.config("POST", f"refunds/{refund['id']}", {"status": status})
            self.assertEqual(self.get(f"refunds/{refund['id']}")["status"], status)
            self.assertTrue(within(10, lambda event=event, intent=intent: receiver.events(event, intent["id"])))
        self.assertEqual(self.post("refunds", payment_intent=intent["id"])["amount"], 4599, "what failed is still to be refunded")

    def test_calls_about_an_intent_belong_to_its_order(self) -> None:
        intent = self.of_order()
        self.fault(calls=[{"route": "POST /v1/refunds"}, {"route": "POST /v1/payment_intents/{id}/cancel", "fault": "delay", "delay_ms": 10}])
        self.refusal(500, self.post, "refunds", payment_intent=intent["id"])
        self.post(f"payment_intents/{intent['id']}/cancel")
        self.assertEqual(
            [call["fault"] for call in self.config("GET", "orders/ord_1")["calls"]], [None, "error", "delay"]
        )


class Reading(unittest.TestCase):
    def test_faults_are_read_from_json(self) -> None:
        self.assertEqual(Faults.from_json({}), Faults())
        read = Faults.from_json({"drop": 2, "calls": [{"route": "GET /v1/x", "times": 3}]})
        self.assertEqual(read, Faults(drop=2, calls=[CallFault("GET /v1/x", times=3)]))

    def test_what_is_not_a_fault_is_refused(self) -> None:
        for wrong in ([], {"lose": 1}, {"drop": True}, {"hold": 1}, {"calls": [1]}, {"calls": [{"fault": "meteor"}]}):
            with self.subTest(wrong), self.assertRaises(Unreadable):
                Faults.from_json(wrong)


if __name__ == "__main__":
    unittest.main()
