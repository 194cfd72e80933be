"""Reconciling goes on until the function says that it is done, and tells people what is left to them."""

from __future__ import annotations

import io
import json
import unittest
from collections.abc import Iterable
from contextlib import redirect_stdout
from typing import Any

from souk_local import reconcile
from souk_local.clients import ClientError
from souk_local.console import Failure
from souk_local.places import Place


def answer(**changes: Any) -> dict[str, Any]:
    return {"checked": 2, "mended": [], "open": 0, "stuck": [], "finished": True, **changes}


class Answers:
    """A function that answers one after the other, and takes ten seconds each time."""

    def __init__(self, answers: Iterable[dict[str, Any]]) -> None:
        self.answers = iter(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.seconds = 0.0

    def __call__(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((function, event))
        self.seconds += 10
        return next(self.answers)

    def clock(self) -> float:
        return self.seconds


class Reconciling(unittest.TestCase):
    def run_with(self, *answers: dict[str, Any], older_than: int = 0) -> tuple[Answers, reconcile.Outcome]:
        function = Answers(answers)
        return function, reconcile.reconcile(function, older_than, function.clock)

    def told(self, found: reconcile.Outcome) -> tuple[int, str]:
        with redirect_stdout(io.StringIO()) as output:
            status = reconcile.tell(found)
        return status, output.getvalue()

    def test_it_calls_until_all_is_seen_and_nothing_twice(self) -> None:
        function, found = self.run_with(answer(finished=False), answer(finished=False, open=1), answer(), older_than=300)
        self.assertEqual([event["older_than_seconds"] for _, event in function.calls], [300, 310, 320])
        self.assertEqual((found.checked, found.open), (6, 1))

    def test_what_was_mended_is_told_and_is_no_failure(self) -> None:
        _, found = self.run_with(answer(mended=[{"order_id": "ord_1", "payment_id": "pay_1", "what": "captured"}]))
        status, text = self.told(found)
        self.assertEqual(status, 0)
        self.assertIn("mended  ord_1 pay_1  captured: the provider has the money, its webhook was missed", text)
        self.assertIn("2 orders checked, 1 mended, 0 still open, 0 stuck", text)

    def test_what_is_stuck_fails_with_a_next_step(self) -> None:
        stuck = [{"order_id": "ord_1", "payment_id": "pay_1", "why": "refund_failed"}, {"order_id": "ord_2", "why": "no such intent"}]
        _, found = self.run_with(answer(stuck=stuck))
        status, text = self.told(found)
        self.assertEqual(status, 1)
        self.assertIn("STUCK   ord_1 pay_1  refund_failed: the provider could not", text)
        self.assertIn("STUCK   ord_2  no such intent\n", text)
        self.assertIn("next: ./scripts/logs", text)

    def test_a_function_that_gets_nowhere_is_not_called_for_ever(self) -> None:
        with self.assertRaises(Failure) as raised:
            self.run_with(answer(finished=False), answer(finished=False, checked=0))
        self.assertIn("does not come to an end", str(raised.exception))

    def test_orders_that_are_due_are_closed_until_none_is_left(self) -> None:
        function = Answers([{"expired": 3, "failed": 0, "unfinished": True}, {"expired": 1, "failed": 1, "unfinished": False}])
        with redirect_stdout(io.StringIO()) as output:
            self.assertEqual(reconcile.expire(function), 1)
        self.assertIn("4 orders were due and are closed, 1 could not be", output.getvalue())


class Invoking(unittest.TestCase):
    def invoke(self, outcome: dict[str, Any] | Exception) -> dict[str, Any]:
        test = self

        class Lambda:
            def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
                test.asked = (FunctionName, json.loads(Payload))
                if isinstance(outcome, Exception):
                    raise outcome
                return outcome

        return reconcile.invoker(lambda _: Lambda(), Place("branch-7"))("payments-reconcile", {"older_than_seconds": 5})  # type: ignore[arg-type]

    def test_the_environments_function_is_called_and_its_answer_read(self) -> None:
        self.assertEqual(self.invoke({"Payload": io.BytesIO(b'{"checked": 0}')}), {"checked": 0})
        self.assertEqual(self.asked, ("souk-branch-7-payments-reconcile", {"older_than_seconds": 5}))

    def test_a_function_that_fails_is_a_failure_with_its_words(self) -> None:
        with self.assertRaises(Failure) as raised:
            self.invoke({"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "no table"}')})
        self.assertIn("no table", str(raised.exception))

    def test_a_function_that_is_not_deployed_is_named_with_the_way_out(self) -> None:
        missing = ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Invoke")
        with self.assertRaises(Failure) as raised:
            self.invoke(missing)
        self.assertEqual(raised.exception.next_step, "deploy it: ./scripts/deploy branch-7")


if __name__ == "__main__":
    unittest.main()
