"""Holds orders against the provider's books until all are seen: what was missed is mended, what only people can settle is named."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from souk_local.clients import ClientError, Clients, code_of
from souk_local.console import Failure, say
from souk_local.places import Place

Invoke = Callable[[str, dict[str, Any]], dict[str, Any]]

# A function stops by itself before its time is over; this many times is far more than any backlog takes.
_MOST_CALLS = 1000

_MENDED = {
    "captured": "the provider has the money, its webhook was missed",
    "cancelled": "nobody can pay it any more, the webhook was missed",
    "told_again": "the money was here, but the order had not heard of it",
    "closed": "the order has no use for it: cancelled at the provider, or given back",
    "refund_succeeded": "the money went back, the webhook was missed",
}
_STUCK = {
    "refund_failed": "the provider could not give the money back: pay the shopper another way, then note it at the provider",
    "order_missing": "there is money for an order that is not there: give it back at the provider",
    "unbooked": "the provider tells of money that contradicts the payment: compare the two by hand",
}


@dataclass
class Outcome:
    """What all calls together found."""

    checked: int = 0
    open: int = 0
    mended: list[dict[str, Any]] = field(default_factory=list)
    stuck: list[dict[str, Any]] = field(default_factory=list)


def invoker(clients: Clients, place: Place) -> Invoke:
    """Calls the environment's functions and waits for their answer."""

    def invoke(function: str, event: dict[str, Any]) -> dict[str, Any]:
        name = f"souk-{place.environment}-{function}"
        try:
            answer = clients("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                raise Failure(f"there is no function {name}", f"deploy it: ./scripts/deploy {place.environment}") from error
            raise
        payload = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError") or not isinstance(payload, dict):
            said = payload.get("errorMessage") if isinstance(payload, dict) else payload
            raise Failure(f"{name} failed: {said}", f"./scripts/logs --environment {place.environment} with an id of the message tells more")
        return payload

    return invoke


def expire(invoke: Invoke) -> int:
    """Closes the orders whose time to pay is over. Answers how many could not be closed."""
    expired = failed = 0
    for _ in range(_MOST_CALLS):
        answer = invoke("orders-expire-orders", {})
        expired, failed = expired + answer["expired"], answer["failed"]
        if not answer["unfinished"]:
            break
    say(f"  {expired} orders were due and are closed" + (f", {failed} could not be" if failed else ""))
    return int(failed)


def reconcile(invoke: Invoke, older_than: int, clock: Callable[[], float] = time.monotonic) -> Outcome:
    """Calls until everything that nobody has looked at for `older_than` seconds was looked at once."""
    began, found = clock(), Outcome()
    for _ in range(_MOST_CALLS):
        # What an earlier call of ours looked at is younger than that.
        age = older_than + int(clock() - began)
        answer = invoke("payments-reconcile", {"older_than_seconds": age})
        found.checked += answer["checked"]
        found.open += answer["open"]
        found.mended += answer["mended"]
        found.stuck += answer["stuck"]
        if answer["finished"]:
            return found
        if not answer["checked"]:
            break
    raise Failure(
        f"payments-reconcile does not come to an end; {found.checked} orders were checked",
        "its log tells what takes so long; call it again, it goes on where it was",
    )


def tell(found: Outcome) -> int:
    """Prints what was mended and what is stuck. Answers the exit status."""
    for entry in found.mended:
        say(f"  mended  {_subject(entry)}  {entry['what']}: {_MENDED.get(entry['what'], 'see its log')}")
    for entry in found.stuck:
        why = entry["why"]
        say(f"  STUCK   {_subject(entry)}  {why}" + (f": {_STUCK[why]}" if why in _STUCK else ""))
    say(f"  {found.checked} orders checked, {len(found.mended)} mended, {found.open} still open, {len(found.stuck)} stuck")
    if found.stuck:
        say("  next: ./scripts/logs <payment id> shows how it came; settle it at the provider, then run this again")
    return 1 if found.stuck else 0


def _subject(entry: dict[str, Any]) -> str:
    return " ".join(str(entry[name]) for name in ("order_id", "payment_id") if entry.get(name))
