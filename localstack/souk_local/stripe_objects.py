"""Where localstripe's PaymentIntents, charges, refunds and events differ from Stripe's in ways a shop can see.

Part of the sandbox's own process; see `stripe_server`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aiohttp import web
from localstripe import resources, server, webhooks
from localstripe.errors import UserError
from localstripe.resources import Charge, Event, PaymentIntent, PaymentMethod, Refund

API_VERSION = "2024-06-20"
ANY_CVC, ANY_YEAR = "123", 2040

# What the bank says to Stripe's published test cards: code, decline code.
DECLINES = {
    "4000000000000002": ("card_declined", "generic_decline"),
    "4000000000000341": ("card_declined", "generic_decline"),
    "4000000000009995": ("card_declined", "insufficient_funds"),
    "4000000000009987": ("card_declined", "lost_card"),
    "4000000000009979": ("card_declined", "stolen_card"),
    "4000000000000069": ("expired_card", "expired_card"),
    "4000000000000127": ("incorrect_cvc", "incorrect_cvc"),
    "4000000000000119": ("processing_error", "processing_error"),
    "4242424242424241": ("incorrect_number", "incorrect_number"),
    "4000008260003178": ("card_declined", "insufficient_funds"),
}
# The smallest charge in minor units; Stripe publishes the table. Other currencies: one unit.
MINIMUM = {
    "usd": 50, "eur": 50, "gbp": 30, "chf": 50, "cad": 50, "aud": 50, "nzd": 50, "sgd": 50, "brl": 50, "inr": 50,
    "jpy": 50, "sek": 300, "nok": 300, "dkk": 250, "pln": 200, "ron": 200, "bgn": 100, "czk": 1500, "huf": 17500,
    "aed": 200, "myr": 200, "hkd": 400, "mxn": 1000, "thb": 1000,
}
MAXIMUM = 99_999_999
# Accepted at creation and shown again, without an effect here.
KEPT = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "shipping",
        "setup_future_usage", "transfer_group", "confirmation_method")
CANCELLABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")
CANCEL_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
REFUND_REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def invalid(message: str, code: str | None = None, param: str | None = None, status: int = 400) -> UserError:
    contents = {"code": code, "param": param}
    return UserError(status, message, {name: value for name, value in contents.items() if value})


def emit(event_type: str, subject: object) -> None:
    webhooks.schedule_webhook(Event(event_type, subject))


def find_intent(intent_id: str) -> PaymentIntent:
    try:
        return PaymentIntent._api_retrieve(intent_id)
    except UserError as error:
        raise invalid(f"No such payment_intent: '{intent_id}'", "resource_missing", "intent", 404) from error


def check_amount(data: dict[str, Any]) -> None:
    for name in ("amount", "currency"):
        if not data.get(name):
            raise invalid(f"Missing required param: {name}.", "parameter_missing", name)
    amount, currency = str(data["amount"]), str(data["currency"]).lower()
    if not amount.isascii() or not amount.isdigit():
        raise invalid(f"Invalid integer: {amount}", "parameter_invalid_integer", "amount")
    if len(currency) != 3 or not currency.isalpha():
        raise invalid(f"Invalid currency: {currency}.", None, "currency")
    if int(amount) < MINIMUM.get(currency, 1):
        raise invalid(f"Amount must be at least {MINIMUM.get(currency, 1)} {currency}", "amount_too_small", "amount")
    if int(amount) > MAXIMUM:
        raise invalid(f"Amount must be no more than {MAXIMUM} {currency}", "amount_too_large", "amount")


def create_intent(cls: type[PaymentIntent], /, **data: Any) -> PaymentIntent:
    check_amount(data)
    kept = {name: data.pop(name, None) for name in KEPT}
    automatic = data.pop("automatic_payment_methods", None)
    types = data.pop("payment_method_types", None) or ["card"]
    for name in ("return_url", "error_on_requires_action", "use_stripe_sdk"):
        data.pop(name, None)
    confirm = data.pop("confirm", "false") in (True, "true")
    data.pop("off_session", None)
    data["currency"] = str(data["currency"]).lower()
    intent = cls(**data)
    for name, value in kept.items():
        setattr(intent, name, value)
    intent.automatic_payment_methods = (
        {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": automatic.get("enabled") == "true"}
        if isinstance(automatic, dict) else None
    )
    intent.payment_method_types = types
    intent.confirmation_method = kept["confirmation_method"] or "automatic"
    intent.canceled_at = intent.cancellation_reason = intent.processing = None
    emit("payment_intent.created", intent)
    if confirm:
        attempt(intent, data.get("payment_method"))
    return intent


def export_intent(plain: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def export(intent: PaymentIntent, expand: list[str] | None = None) -> dict[str, Any]:
        shown = plain(intent, expand=expand)
        charge, status = intent.latest_charge, shown["status"]
        for legacy in ("charges", "invoice"):
            shown.pop(legacy, None)
        if charge is not None and not any(path.startswith("latest_charge") for path in expand or []):
            shown["latest_charge"] = charge.id
        paid = charge is not None and status == "succeeded"
        shown["amount_received"] = charge.amount if paid else 0
        shown["amount_capturable"] = intent.amount if status == "requires_capture" else 0
        if status == "requires_payment_method":
            shown["payment_method"] = None
        if shown["last_payment_error"]:
            shown["last_payment_error"]["type"] = "card_error"
            if charge is not None and getattr(charge, "decline_code", None):
                shown["last_payment_error"]["decline_code"] = charge.decline_code
        return shown

    return export


def attempt(intent: PaymentIntent, method_id: str | None) -> None:
    """Charge the intent once. A decline leaves it open for another card, which localstripe does not."""
    if method_id:
        PaymentMethod._api_retrieve(method_id)
        intent.payment_method = method_id
        intent.latest_charge = intent.next_action = None
    if intent.status in ("requires_payment_method", "canceled", "succeeded", "processing", "requires_capture"):
        raise invalid(
            f"You cannot confirm this PaymentIntent because it has a status of {intent.status}"
            " or has no payment method.", "payment_intent_unexpected_state",
        )
    try:
        intent._confirm(on_failure_now=intent._report_failure)
    except UserError as error:
        error.body["error"]["payment_intent"] = intent._export()
        raise


def copy_metadata(plain: Callable[..., None]) -> Callable[..., None]:
    """A charge carries its intent's metadata as they were when it was made."""

    def create_charge(intent: PaymentIntent, on_failure_now: Callable[[], None]) -> None:
        try:
            plain(intent, on_failure_now)
        finally:
            if intent.latest_charge is not None:
                intent.latest_charge.metadata = dict(intent.metadata)

    return create_charge


def answer_with(body: dict[str, Any]) -> web.Response:
    response: web.Response = server.json_response(body)
    return response


async def confirm_intent(request: web.Request) -> web.Response:
    data = await server.get_post_data(request) or {}
    intent = find_intent(request.match_info["id"])
    method_id = data.get("payment_method")
    details = data.get("payment_method_data")
    if intent.status in ("succeeded", "canceled", "processing", "requires_capture"):
        raise invalid(
            f"You cannot confirm this PaymentIntent because it has a status of {intent.status}.",
            "payment_intent_unexpected_state",
        )
    if isinstance(details, dict):
        card = {"cvc": ANY_CVC, "exp_month": 12, "exp_year": ANY_YEAR, **details.get("card", {})}
        method_id = PaymentMethod(type=details.get("type", "card"), card=card).id
    attempt(intent, method_id)
    return answer_with(intent._export())


async def cancel_intent(request: web.Request) -> web.Response:
    data = await server.get_post_data(request) or {}
    intent = find_intent(request.match_info["id"])
    reason = data.pop("cancellation_reason", None)
    if data:
        raise UserError(400, "Unexpected " + ", ".join(data))
    if reason is not None and reason not in CANCEL_REASONS:
        raise invalid(f"Invalid cancellation_reason: must be one of {', '.join(CANCEL_REASONS)}", None,
                      "cancellation_reason")
    if intent.status not in CANCELLABLE:
        raise invalid(
            f"You cannot cancel this PaymentIntent because it has a status of {intent.status}."
            f" One with the following statuses may be canceled: {', '.join(CANCELLABLE)}, processing.",
            "payment_intent_unexpected_state",
        )
    intent._canceled, intent.next_action = True, None
    intent.canceled_at, intent.cancellation_reason = int(time.time()), reason
    emit("payment_intent.canceled", intent)
    return answer_with(intent._export())


async def retrieve_intent(request: web.Request) -> web.Response:
    expand = server.unflatten_data(request.query).get("expand")
    return answer_with(find_intent(request.match_info["id"])._export(expand=expand))


def create_refund(cls: type[Refund], /, **data: Any) -> Refund:
    reason = data.pop("reason", None)
    if reason is not None and reason not in REFUND_REASONS:
        raise invalid(f"Invalid reason: must be one of {', '.join(REFUND_REASONS)}", None, "reason")
    if data.get("payment_intent"):
        charge = find_intent(data["payment_intent"]).latest_charge
        if charge is None or charge.status != "succeeded":
            raise invalid(f"This PaymentIntent ({data['payment_intent']}) does not have a successful charge to refund.",
                          "payment_intent_unexpected_state")
    elif data.get("charge"):
        charge = Charge._api_retrieve(data["charge"])
    else:
        raise invalid("One of the following params should be provided: payment_intent or charge.", "parameter_missing")
    left = charge.amount - charge.amount_refunded
    if left == 0:
        raise invalid(f"Charge {charge.id} has already been refunded.", "charge_already_refunded")
    amount = str(data.get("amount") or left)
    if not amount.isascii() or not amount.isdigit() or int(amount) == 0:
        raise invalid(f"Invalid positive integer: {amount}", "parameter_invalid_integer", "amount")
    if int(amount) > left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", None, "amount")
    refund = cls(**{**data, "amount": int(amount)})
    refund.reason = reason
    refund.payment_intent = charge.payment_intent
    refund.charge = charge.id
    emit("refund.created", refund)
    emit("charge.refunded", charge)
    return refund


def card_number(charge: Charge) -> str:
    return str(getattr(PaymentMethod._api_retrieve(charge.payment_method), "_card_number", ""))


def fail_charge(charge: Charge) -> None:
    code, decline_code = DECLINES.get(card_number(charge), ("card_declined", "generic_decline"))
    charge.status = "failed"
    charge.failure_code, charge.decline_code = code, decline_code
    charge.failure_message = "Your card was declined." if code == "card_declined" else f"Your card failed: {code}."


def raise_failure(charge: Charge) -> None:
    raise UserError(
        402, charge.failure_message,
        {"code": charge.failure_code, "decline_code": charge.decline_code, "charge": charge.id},
    )


def adapt(current_request: Callable[[], dict[str, str | None]]) -> None:
    """Install the differences. `current_request` tells an event which API call caused it."""
    declined_at_once = PaymentMethod._charging_is_declined
    PaymentMethod._charging_is_declined = lambda method: (
        declined_at_once(method) or getattr(method, "_card_number", "") in DECLINES
    )
    Charge._set_auth_failure = fail_charge
    Charge._raise_failure = raise_failure
    Charge.amount_refunded = property(
        lambda charge: sum(refund.amount for refund in charge.refunds._list if refund.status != "failed")
    )
    PaymentIntent._api_create = classmethod(create_intent)
    PaymentIntent._create_charge = copy_metadata(PaymentIntent._create_charge)
    PaymentIntent._export = export_intent(PaymentIntent._export)
    Refund._api_create = classmethod(create_refund)

    plain_init = Event.__init__

    def init_event(event: Event, type: str, data: resources.StripeObject) -> None:  # noqa: A002 (localstripe's name)
        plain_init(event, type, data)
        event.api_version = API_VERSION
        event.pending_webhooks = 1
        event.request = current_request()

    Event.__init__ = init_event


def add_routes(app: web.Application) -> None:
    app.router.add_get("/v1/payment_intents/{id}", retrieve_intent, allow_head=False)
    app.router.add_post("/v1/payment_intents/{id}/confirm", confirm_intent)
    app.router.add_post("/v1/payment_intents/{id}/cancel", cancel_intent)
