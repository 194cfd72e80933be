"""What tests of the Stripe sandbox have in common: a sandbox of their own, and somebody who receives its webhooks."""

from __future__ import annotations

import http.server
import json
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from souk_local import stripe_sandbox
from souk_local.stripe_keys import SECRET_KEY

SECRET = "whsec_for_tests"


class Receiver:
    """A webhook receiver that answers with the statuses it is given, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.received: list[tuple[str, bytes]] = []
        remaining = list(statuses)
        received = self.received

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append((self.headers["Stripe-Signature"], body))
                self.send_response(remaining.pop(0) if remaining else 200)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/stripe"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def events(self, event_type: str, intent_id: str) -> list[dict[str, Any]]:
        events = [json.loads(body) for _, body in list(self.received)]
        subjects = ("id", "payment_intent")
        return [
            event for event in events
            if event["type"] == event_type and intent_id in [event["data"]["object"].get(name) for name in subjects]
        ]


def within(seconds: float, condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


@unittest.skipUnless(stripe_sandbox.installed(), "localstripe is not installed in this Python")
class SandboxTest(unittest.TestCase):
    state: ClassVar[Path]
    sandbox: ClassVar[stripe_sandbox.Sandbox]

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.state = Path(folder.name)
        cls.sandbox = stripe_sandbox.start(cls.state, port=0)
        cls.addClassCleanup(stripe_sandbox.stop, cls.state)

    def setUp(self) -> None:
        stripe_sandbox.call("DELETE", f"{self.sandbox.url}/_config/data")

    def listen(self, *statuses: int) -> Receiver:
        receiver = Receiver(*statuses)
        self.addCleanup(receiver.close)
        stripe_sandbox.register_webhook(receiver.url, SECRET, self.sandbox.url)
        return receiver

    def post(
        self, path: str, key: str | None = SECRET_KEY, idempotency: str | None = None, **form: str
    ) -> dict[str, Any]:
        headers = {"Idempotency-Key": idempotency} if idempotency else {}
        return stripe_sandbox.call("POST", f"{self.sandbox.url}/v1/{path}", form, key, headers)

    def get(self, path: str) -> dict[str, Any]:
        return stripe_sandbox.call("GET", f"{self.sandbox.url}/v1/{path}", key=SECRET_KEY)

    def intent(self, amount: str = "4599", **form: str) -> dict[str, Any]:
        return self.post("payment_intents", amount=amount, currency="eur", **form)

    def pay(self, intent: dict[str, Any], card: str = "4242424242424242", **options: bool) -> dict[str, Any]:
        return stripe_sandbox.pay(intent["client_secret"], card, self.sandbox.url, **options)

    def refusal(self, status: int, call: Callable[..., object], *args: Any, **named: Any) -> dict[str, Any]:
        with self.assertRaises(stripe_sandbox.Refused) as raised:
            call(*args, **named)
        self.assertEqual(raised.exception.status, status)
        return dict(raised.exception.error)
