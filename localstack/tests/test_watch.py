"""What the watched functions run with, and that the smoke journey notices an API which lets everybody in."""

from __future__ import annotations

import base64
import json
import sys
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from souk_local.console import Failure  # noqa: E402 (needs the path above)
from souk_local.public_api import ApiError  # noqa: E402
from souk_local.watch import environment, served, union  # noqa: E402
from souk_local.watch_smoke import SmokeError, changed, refuses, same, unsigned  # noqa: E402


def workspace(router: Any) -> dict[str, Any]:
    return {"packages": [], "metadata": {"lambda": {"watch": {"router": router}}}}


class TheRouter(unittest.TestCase):
    def test_names_each_function_once(self) -> None:
        router = {
            "/v1/orders": [{"function": "orders-place-order", "method": "POST"}, {"function": "orders-list-orders", "method": "GET"}],
            "/v1/orders/{id}": [{"function": "orders-get-order", "method": "GET"}],
            "/v1/baskets": [{"function": "orders-get-order", "method": "GET"}],
        }
        self.assertEqual(served(workspace(router)), ["orders-get-order", "orders-list-orders", "orders-place-order"])

    def test_is_missed_when_it_is_not_there(self) -> None:
        for described in ({"metadata": None}, {"metadata": {}}, {}):
            with self.assertRaisesRegex(Failure, "no router"):
                served(described)


class TheSettings(unittest.TestCase):
    def test_of_all_functions_are_put_together(self) -> None:
        deployed = {"a": {"ORDERS_TABLE": "orders", "X": "1"}, "b": {"CART_TABLE": "cart", "X": "1"}, "c": {}}
        self.assertEqual(union(deployed), {"ORDERS_TABLE": "orders", "CART_TABLE": "cart", "X": "1"})

    def test_may_not_contradict_each_other(self) -> None:
        with self.assertRaisesRegex(Failure, "a and b have different values of X"):
            union({"b": {"X": "2"}, "a": {"X": "1"}})

    def test_a_contradiction_shows_no_value(self) -> None:
        with self.assertRaises(Failure) as refused:
            union({"a": {"CAPABILITY_KEY": "hush"}, "b": {"CAPABILITY_KEY": "hush-hush"}})
        self.assertNotIn("hush", f"{refused.exception} {refused.exception.next_step}")

    def test_keep_the_callers_tools_and_leave_out_the_callers_account(self) -> None:
        inherited = {"PATH": "/bin", "CARGO_HOME": "/c", "AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "mine", "AWS_ACCESS_KEY_ID": "mine"}
        made = environment(inherited, {"EVENT_BUS": "souk-local"}, "http://127.0.0.1:4577")
        self.assertEqual((made["PATH"], made["CARGO_HOME"], made["EVENT_BUS"]), ("/bin", "/c", "souk-local"))
        self.assertEqual(made["AWS_ENDPOINT_URL"], "http://127.0.0.1:4577")
        self.assertNotIn("mine", made.values())


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class AForgedToken(unittest.TestCase):
    token = f"{encoded({'alg': 'RS256', 'kid': 'k/1+'})}.{encoded({'sub': 'sam', 'token_use': 'access'})}.c2lnbmVk"

    def test_has_another_subject_under_the_old_signature(self) -> None:
        header, claims, signature = changed(self.token).split(".")
        self.assertEqual((header, signature), (self.token.split(".")[0], "c2lnbmVk"))
        self.assertNotEqual(decoded(claims)["sub"], "sam")
        self.assertEqual(decoded(claims)["token_use"], "access")

    def test_has_no_signature_and_says_so(self) -> None:
        header, claims, signature = unsigned(self.token).split(".")
        self.assertEqual((decoded(header), signature), ({"alg": "none", "kid": "k/1+"}, ""))
        self.assertEqual(claims, self.token.split(".")[1])


class TheSmokeJourney(unittest.TestCase):
    def refused(self, status: int) -> None:
        raise ApiError("GET /me", status, {"code": "unauthenticated"})

    def test_goes_on_after_the_refusal_that_it_wants(self) -> None:
        refuses(401, "GET /me with a changed token", lambda: self.refused(401))

    def test_fails_when_a_forger_is_let_in(self) -> None:
        with self.assertRaisesRegex(SmokeError, "GET /me with a changed token was not refused"):
            refuses(401, "GET /me with a changed token", lambda: {"email": "sam@example.com"})

    def test_fails_when_the_refusal_is_another_one(self) -> None:
        with self.assertRaisesRegex(SmokeError, "with 500 unauthenticated, not 401"):
            refuses(401, "GET /me with a changed token", lambda: self.refused(500))

    def test_fails_when_a_value_differs(self) -> None:
        same({"amount": 1}, {"amount": 1}, "the total")
        with self.assertRaisesRegex(SmokeError, "the total is 2, not 1"):
            same(1, 2, "the total")


if __name__ == "__main__":
    unittest.main()
