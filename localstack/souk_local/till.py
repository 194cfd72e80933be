"""What the payment provider says it took and gave back, as far as it can be read: the sandbox tells, an account is for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from souk_local import payments, stripe_sandbox
from souk_local.places import Place
from souk_local.stripe_keys import SECRET_KEY


@dataclass(frozen=True)
class Intent:
    """One of the provider's payments, with what is left of it."""

    id: str
    order_id: str
    kept: int
    created: datetime


def read(place: Place) -> list[Intent]:
    """The intents of an environment; none without a sandbox."""
    sandbox = stripe_sandbox.current(payments.folder(place))
    if sandbox is None:
        return []
    refunded: Counter[str] = Counter()
    for refund in _all(f"{sandbox.url}/v1/refunds"):
        if refund["status"] == "succeeded":
            refunded[refund["payment_intent"]] += refund["amount"]
    return [_intent(shown, refunded) for shown in _all(f"{sandbox.url}/v1/payment_intents") if shown["metadata"].get("environment") == place.environment]


def _intent(shown: dict[str, Any], refunded: Counter[str]) -> Intent:
    created = datetime.fromtimestamp(shown["created"], timezone.utc)
    return Intent(shown["id"], shown["metadata"].get("order_id", ""), shown["amount_received"] - refunded[shown["id"]], created)


def _all(url: str) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        page = stripe_sandbox.call("GET", f"{url}?limit=100{after}", key=SECRET_KEY)
        yield from page["data"]
        if not page["has_more"]:
            return
        after = f"&starting_after={page['data'][-1]['id']}"
