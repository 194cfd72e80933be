"""The sandbox's own routes, under `/_config`, and the faults they cause. Part of the sandbox's process."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web
from localstripe import resources, server
from localstripe.errors import UserError
from localstripe.resources import Event, PaymentIntent, PaymentMethod, Refund

from souk_local import stripe_objects
from souk_local.stripe_faults import DELAY, ERROR, HOLD, IN_USE, KEPT_ERROR, LOST_ANSWER, Desk, Faults
from souk_local.stripe_webhooks import Courier, Endpoint, Outbox

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Parameters = Callable[[web.Request], Awaitable[dict[str, Any]]]

GOOD_CARD, DECLINED_CARD = "4242424242424242", "4000000000000002"


def refuse(status: int, message: str, **contents: object) -> UserError:
    return UserError(status, message, dict(contents))


def order_of(shown: dict[str, Any]) -> str | None:
    """The order that an object or a call is about: it says so itself, or its intent does."""
    named = (shown.get("metadata") or {}).get("order_id")
    intent = resources.store.get(f"payment_intent:{shown.get('payment_intent')}")
    return named or (intent.metadata.get("order_id") if intent else None)


def objects_about(order: str) -> list[dict[str, Any]]:
    """Its intents and refunds. Those that name another order are not exported: for thousands that takes seconds."""
    def may_be(found: object) -> bool:
        return isinstance(found, (PaymentIntent, Refund)) and (found.metadata or {}).get("order_id") in (None, order)

    return [shown for found in resources.store.values() if may_be(found) and order_of(shown := found._export()) == order]


def payload_of(event: Event) -> bytes:
    return json.dumps(event._export(), indent=2, sort_keys=True).encode()


def open_desk(courier: Courier) -> Desk:
    """The desk, with the intents under its rules."""

    def deliver(event_id: str, copies: int, delay: float) -> Awaitable[object]:
        event = resources.store[f"event:{event_id}"]
        return courier.dispatch(event_id, event.type, payload_of(event), copies, delay)

    desk = Desk(deliver)
    create, attempt, make = stripe_objects.create_intent, PaymentIntent._create_charge, Refund.__init__

    def create_paid(cls: type[PaymentIntent], /, **data: Any) -> PaymentIntent:
        intent = create(cls, **data)
        if desk.case(order_of(intent._export())).faults.confirm:
            card = {"number": GOOD_CARD, "cvc": "123", "exp_month": 12, "exp_year": 2040}
            stripe_objects.attempt(intent, PaymentMethod(type="card", card=card).id)
        return intent

    def charge(intent: PaymentIntent, on_failure_now: Callable[[], None]) -> None:
        if desk.case(order_of(intent._export())).faults.decline:
            PaymentMethod._api_retrieve(intent.payment_method)._card_number = DECLINED_CARD
        attempt(intent, on_failure_now)

    def refund(refund: Refund, **data: Any) -> None:
        make(refund, **data)
        if desk.case(order_of(refund._export())).faults.slow_refunds:
            refund.status = "pending"

    PaymentIntent._api_create = classmethod(create_paid)
    PaymentIntent._create_charge = charge
    Refund.__init__ = refund
    return desk


def interfere(desk: Desk, parameters: Parameters, keep: Callable[[web.Request, web.Response], Awaitable[None]]) -> Any:
    """The middleware that spoils calls, and notes those about an order."""

    @web.middleware
    async def spoil(request: web.Request, handler: Handler) -> web.StreamResponse:
        data, resource = await parameters(request), request.match_info.route.resource
        if resource is None or not request.path.startswith("/v1/"):
            return await handler(request)
        route = f"{request.method} {resource.canonical}"
        intent_id = request.match_info.get("id") or data.get("payment_intent")
        case = desk.case(order_of({"metadata": data.get("metadata"), "payment_intent": intent_id}))
        rule = case.faults.of_call(route)
        noted = {"route": route, "idempotency_key": request.headers.get("Idempotency-Key"), "fault": rule and rule.fault}
        case.calls.append(noted)
        if rule and rule.fault in (ERROR, KEPT_ERROR):
            if rule.fault == KEPT_ERROR:
                await keep(request, error_500())
            return error_500()
        if rule and rule.fault == IN_USE:
            raise refuse(409, "Another request with this idempotency key is in progress.", code="idempotency_key_in_use")
        replaced = case.replaced
        response = await handler(request)
        if rule and rule.fault == DELAY:
            await asyncio.sleep(rule.delay_ms / 1000)
        elif rule and rule.fault == HOLD:
            await replaced.wait()
        elif rule and rule.fault == LOST_ANSWER and request.transport is not None:
            request.transport.abort()
        return response

    return spoil


def error_500() -> web.Response:
    return web.json_response({"error": {"type": "api_error", "message": "Something went wrong here."}}, status=500)


class Memory(Protocol):
    """What is kept over a restart."""

    outbox: Outbox

    def touch(self) -> None: ...

    def clear(self) -> None: ...


def add_routes(app: web.Application, memory: Memory, desk: Desk, courier: Courier) -> None:
    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "pid": os.getpid()})

    async def register(request: web.Request) -> web.Response:
        data = await server.get_post_data(request, remove_auth=False) or {}
        url, secret, events = data.get("url"), data.get("secret"), data.get("events")
        if not str(url).startswith(("http://", "https://")) or not secret or not isinstance(events, (list, type(None))):
            raise refuse(400, "A webhook has an http(s) url, a secret, and perhaps a list of events.")
        memory.outbox.endpoints[request.match_info["id"]] = Endpoint(str(url), str(secret), events)
        memory.touch()
        return web.json_response({"id": request.match_info["id"], "url": url})

    async def unregister(request: web.Request) -> web.Response:
        memory.outbox.endpoints.pop(request.match_info["id"], None)
        memory.touch()
        return web.json_response({"id": request.match_info["id"], "deleted": True})

    async def forget(_request: web.Request) -> web.Response:
        memory.clear()
        desk.clear()
        return web.json_response({"deleted": True})

    async def show_faults(request: web.Request) -> web.Response:
        return web.json_response(desk.show(request.match_info["order"]))

    async def put_faults(request: web.Request) -> web.Response:
        try:
            faults = Faults.from_json(json.loads(await request.read()))
        except ValueError as error:
            raise refuse(400, str(error)) from error
        desk.replace(request.match_info["order"], faults)
        return await show_faults(request)

    async def delete_faults(request: web.Request) -> web.Response:
        desk.replace(request.match_info["order"], Faults())
        return await show_faults(request)

    async def show_order(request: web.Request) -> web.Response:
        order = request.match_info["order"]
        about = objects_about(order)
        events = [found for found in resources.store.values() if isinstance(found, Event)]
        return web.json_response({
            "intents": [shown for shown in about if shown["object"] == "payment_intent"],
            "refunds": [shown for shown in about if shown["object"] == "refund"],
            "events": [event._export() for event in events if order_of(event.data["object"]) == order],
            "calls": desk.case(order).calls,
        })

    async def deliver(request: web.Request) -> web.Response:
        event = resources.store.get(f"event:{request.match_info['id']}")
        if event is None:
            raise refuse(404, "No such event.", code="resource_missing", param="id")
        return web.json_response({"outcomes": await courier.dispatch(event.id, event.type, payload_of(event))})

    async def end_refund(request: web.Request) -> web.Response:
        refund, status = resources.store.get(f"refund:{request.match_info['id']}"), json.loads(await request.read()).get("status")
        if refund is None or refund.status != "pending" or status not in ("succeeded", "failed"):
            raise refuse(400, "A pending refund can become 'succeeded' or 'failed'.")
        refund.status = status
        memory.touch()
        stripe_objects.emit("refund.failed" if status == "failed" else "refund.updated", refund)
        return web.json_response(refund._export())

    app.router.add_get("/_config/health", health)
    app.router.add_post("/_config/webhooks/{id}", register)
    app.router.add_delete("/_config/webhooks/{id}", unregister)
    app.router.add_delete("/_config/data", forget)
    app.router.add_get("/_config/faults/{order}", show_faults)
    app.router.add_put("/_config/faults/{order}", put_faults)
    app.router.add_delete("/_config/faults/{order}", delete_faults)
    app.router.add_get("/_config/orders/{order}", show_order)
    app.router.add_post("/_config/events/{id}", deliver)
    app.router.add_post("/_config/refunds/{id}", end_refund)
