"""Buys something in a running shop the way a guest does: through the public API, to the mail in the letterbox."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from souk_local.console import Failure
from souk_local.public_api import Api, ApiError, Unreachable

# A book and a tea at the reduced tax rate and a mug at the standard one, so that the mail shows both.
BASKET = (("spearmint-whole-dried-stems", 2), ("speckled-stoneware-mug", 1), ("lanterns-on-the-water", 1))
ADDRESS = {
    "name": "Amina Berger",
    "line1": "Gartenstraße 12",
    "city": "Leipzig",
    "postal_code": "04107",
    "country": "DE",
}
EMAIL = "amina.berger@example.com"
METHOD = "standard"
DEADLINE_SECONDS = 30.0
LOOK = "./scripts/logs shows how far it came"
POLL_SECONDS = 0.25

Message = Mapping[str, Any]


class DemoOrderError(Failure):
    """The purchase did not get to its end; the message says where it stopped."""


@dataclass(frozen=True)
class Mail:
    """A mail as the letterbox shows it."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class DemoOrder:
    """A finished purchase. `order` is the confirmed order as its buyer sees it, `token` opens it again."""

    order: dict[str, Any]
    token: str = field(repr=False)
    payment: dict[str, Any] = field(repr=False)
    mail: Mail
    seconds: float

    @property
    def id(self) -> str:
        """The order's id, for `GET /orders/{id}`."""
        return str(self.order["id"])

    @property
    def number(self) -> str:
        """The order's number, as people say it."""
        return str(self.order["number"])

    @property
    def total(self) -> str:
        """The total, as people write it."""
        return money(self.order["total"])


def place(
    api_url: str,
    pay: Callable[[str], object],
    mailbox: Callable[[], Iterable[Message]],
    progress: Callable[[str], None] = print,
) -> DemoOrder:
    """Fills a cart, orders, pays and waits for the mail.

    `pay` confirms a payment at the sandbox, given its client secret. `mailbox` answers all mails there are, each with
    `Source`, `To`, `Subject`, `BodyText` and `BodyHtml`.
    """
    try:
        with Api(api_url) as api:
            return _Guest(api, progress).buy(pay, mailbox)
    except (ApiError, Unreachable) as error:
        raise DemoOrderError(f"the demo order failed: {error}", LOOK) from error


def place_unpaid(api: Api, progress: Callable[[str], None] = print) -> dict[str, Any]:
    """Fills a cart and orders: a purchase up to the moment before it is paid."""
    return _Guest(api, progress).order()


class _Guest:
    def __init__(self, api: Api, progress: Callable[[str], None]) -> None:
        self._api = api
        self._progress = progress
        self._email = EMAIL

    def buy(self, pay: Callable[[str], object], mailbox: Callable[[], Iterable[Message]]) -> DemoOrder:
        started = time.monotonic()
        placed = self.order()
        number, order_token = str(placed["number"]), placed["token"]
        payment = self._api.post(f"/orders/{placed['id']}/payments", {"provider": "stripe"}, {"Order-Token": order_token})
        pay(payment["client_secret"])
        self._progress("paid")
        order = _until(f"order {number} to be confirmed", lambda: self._confirmed(placed["id"], order_token))
        self._progress("confirmed")
        mail = _until(f"the mail about order {number}", lambda: _mail_about(number, self._email, mailbox()))
        return DemoOrder(order, order_token, payment, mail, time.monotonic() - started)

    def order(self) -> dict[str, Any]:
        placed = self._order(*self._fill_cart())
        self._progress(f"order {placed['number']} placed, {money(placed['total'])}")
        return placed

    def _fill_cart(self) -> tuple[str, dict[str, str]]:
        lines = self._choose()
        cart = self._api.post("/carts", {})
        token = {"Cart-Token": cart["token"]}
        for sku, quantity in lines:
            self._api.post(f"/carts/{cart['id']}/lines", {"sku": sku, "quantity": quantity}, token)
        self._progress(f"cart with {', '.join(f'{quantity} × {sku}' for sku, quantity in lines)}")
        return cart["id"], token

    def _choose(self) -> list[tuple[str, int]]:
        """The basket we like, or whatever three things are in stock if somebody has bought it up."""
        in_stock = {summary["slug"]: summary["id"] for summary in self._api.products() if summary["in_stock"]}
        liked = [(slug, quantity) for slug, quantity in BASKET if slug in in_stock]
        others = [(slug, 1) for slug in in_stock if slug not in dict(BASKET)]
        lines: list[tuple[str, int]] = []
        for slug, quantity in liked + others:
            if len(lines) == len(BASKET):
                break
            product = self._api.get(f"/products/{in_stock[slug]}")
            lines.extend([(v["sku"], quantity) for v in product["variants"] if v["available"] >= quantity][:1])
        if not lines:
            raise DemoOrderError("there is nothing in stock to buy", "./scripts/reset fills the shelves again")
        return lines

    def _order(self, cart_id: str, token: dict[str, str]) -> dict[str, Any]:
        request: dict[str, Any] = {"cart_id": cart_id, "shipping_address": ADDRESS}
        quote = self._api.post("/quotes", request, token)
        offered = [option["id"] for option in quote["shipping_options"]]
        method = METHOD if METHOD in offered else offered[0]
        quote = self._api.post("/quotes", {**request, "shipping_method": method}, token)
        self._progress(f"{money(quote['total'])} with {method} shipping")
        order = {**request, "shipping_method": method, "expected_total": quote["total"], "email": self._email}
        placed: dict[str, Any] = self._api.post("/orders", order, token)
        return placed

    def _confirmed(self, order_id: str, token: str) -> dict[str, Any] | None:
        order: dict[str, Any] = self._api.get(f"/orders/{order_id}", {"Order-Token": token})
        if order["status"] == "cancelled":
            raise DemoOrderError(f"order {order['number']} was cancelled instead of confirmed")
        return order if order["status"] == "confirmed" else None


def _until(what: str, look: Callable[[], Any]) -> Any:
    """What `look` finds in the end; it is asked again until then, or until the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise DemoOrderError(f"waited {DEADLINE_SECONDS:.0f} s for {what}", LOOK)
        time.sleep(POLL_SECONDS)


def _mail_about(number: str, to: str, messages: Iterable[Message]) -> Mail | None:
    for message in messages:
        mail = read_mail(message)
        if number in mail.subject + mail.text and any(to in address for address in mail.to):
            return mail
    return None


def read_mail(message: Message) -> Mail:
    """A mail from the letterbox's record of it."""
    to = message.get("To") or ()
    return Mail(
        sender=str(message.get("Source") or ""),
        to=(to,) if isinstance(to, str) else tuple(to),
        subject=str(message.get("Subject") or ""),
        text=str(message.get("BodyText") or ""),
        html=str(message.get("BodyHtml") or ""),
    )


def format_mail(mail: Mail, width: int = 78) -> str:
    """The mail in a frame for the terminal; long lines are wrapped, the lines of the text are kept."""
    inner = width - 4
    head = [f"From:    {mail.sender}", f"To:      {', '.join(mail.to)}", f"Subject: {mail.subject}"]
    body = mail.text.strip().splitlines() or ["(the mail has no text part)"]
    rows = [*_wrapped(head, inner), None, *_wrapped(body, inner)]
    framed = ["├" + "─" * (width - 2) + "┤" if row is None else f"│ {row:<{inner}} │" for row in rows]
    return "\n".join(["┌" + "─" * (width - 2) + "┐", *framed, "└" + "─" * (width - 2) + "┘"])


def _wrapped(lines: Iterable[str], width: int) -> list[str]:
    return [part for line in lines for part in textwrap.wrap(line.rstrip(), width, drop_whitespace=False) or [""]]


def money(amount: Mapping[str, Any]) -> str:
    """An amount as people write it: `{"amount": 1999, "currency": "EUR"}` is `19.99 EUR`."""
    minor = int(amount["amount"])
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d} {amount['currency']}"
