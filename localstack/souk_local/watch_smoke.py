"""A short journey through an API that has no gateway before it: a purchase up to the placed order, and who is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from souk_local import demo_order, people
from souk_local.console import Failure
from souk_local.people import Person
from souk_local.public_api import Api, ApiError, Unreachable

_LOOK = "the functions' logs are in .souk/logs/watch.log"


class SmokeError(Failure):
    """Something came out differently from what the API promises."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, _LOOK)


def run(url: str, shopper: Person, progress: Callable[[str], None]) -> None:
    try:
        with Api(url) as guest:
            _buy(guest, progress)
            token = people.access_token(guest, shopper)
            with Api(url, token) as signed_in:
                _sign_in(guest, signed_in, shopper)
            progress(f"{shopper.email} is known on required and optional routes")
            for what, bad in (("a changed", changed(token)), ("an unsigned", unsigned(token)), ("a meaningless", "abc")):
                with Api(url, bad) as forger:
                    refuses(401, f"GET /me with {what} token", lambda api=forger: api.get("/me"))
                    refuses(401, f"POST /carts with {what} token", lambda api=forger: api.post("/carts", {}))
            refuses(401, "GET /me without a token", lambda: guest.get("/me"))
            with Api(url, token) as signed_in:
                refuses(403, "PUT /admin/tax-rates by a shopper", lambda: signed_in.put("/admin/tax-rates", {}))
            progress("forged tokens and strangers are refused")
    except (ApiError, Unreachable) as error:
        raise SmokeError(f"{error}") from error


def _buy(guest: Api, progress: Callable[[str], None]) -> None:
    placed = demo_order.place_unpaid(guest, progress)
    holder = {"Order-Token": placed["token"]}
    path = f"/orders/{placed['id']}"
    order = guest.get(path, holder)
    same(placed["total"], order["total"], "the order's total")
    same("pending_payment", order["status"], "the order's status")
    refuses(404, "GET the order without its token", lambda: guest.get(path))
    # Nobody is going to pay it: its stock goes back.
    same("cancelled", guest.post(f"{path}/cancellations", {}, holder)["status"], "the cancelled order's status")
    progress(f"order {placed['number']} read and cancelled")


def _sign_in(guest: Api, signed_in: Api, shopper: Person) -> None:
    same(shopper.email, signed_in.get("/me")["email"], "the e-mail of GET /me")
    cart = signed_in.post("/carts", {})
    same(cart["id"], signed_in.get(f"/carts/{cart['id']}")["id"], "the shopper's cart")
    refuses(404, "GET the shopper's cart as a guest", lambda: guest.get(f"/carts/{cart['id']}"))


def same(expected: object, found: object, what: str) -> None:
    if expected != found:
        raise SmokeError(f"{what} is {found!r}, not {expected!r}")


def refuses(status: int, what: str, call: Callable[[], object]) -> None:
    """Makes the call, which must be refused with this status."""
    try:
        call()
    except ApiError as refused:
        if refused.status == status:
            return
        raise SmokeError(f"{what} was refused, but with {refused.status} {refused.code}, not {status}") from refused
    raise SmokeError(f"{what} was not refused")


def changed(token: str) -> str:
    """The token with another subject, under the signature of the old one."""
    header, claims, signature = token.split(".")
    return f"{header}.{_encoded({**_decoded(claims), 'sub': '00000000-0000-4000-8000-000000000000'})}.{signature}"


def unsigned(token: str) -> str:
    """The token as `alg: none`."""
    header, claims, _ = token.split(".")
    return f"{_encoded({**_decoded(header), 'alg': 'none'})}.{claims}."


def _decoded(part: str) -> dict[str, object]:
    read: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def _encoded(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
