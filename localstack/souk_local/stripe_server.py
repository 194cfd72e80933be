"""The Stripe sandbox's own process: localstripe's objects behind the manners of the real API.

localstripe is licensed under the GPL. It is used as a separate program: only `stripe_sandbox serve` imports this
module, nothing that Souk deploys does, and the rest of the tooling speaks HTTP to it.

What is added here, because Souk's payment flow needs it and localstripe lacks it: one secret and one publishable key
that are really checked, `Idempotency-Key`, Stripe's error codes, parameters such as `automatic_payment_methods`, the
smallest chargeable amounts, confirmation by a browser (publishable key and client secret) with a second try after a
decline, cancellation reasons, refunds that cannot exceed the charge, the events of cancellations and refunds, signed
and repeated webhooks (`stripe_webhooks`), and a state file of one's own.
"""

from __future__ import annotations

import asyncio
import base64
import contextvars
import json
import logging
import os
import pickle
import secrets
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from localstripe import resources, server, webhooks
from localstripe.errors import UserError

from souk_local import stripe_control, stripe_objects
from souk_local.stripe_control import Handler, order_of, refuse
from souk_local.stripe_faults import Desk
from souk_local.stripe_keys import PUBLISHABLE_KEY, SECRET_KEY
from souk_local.stripe_webhooks import Courier, Outbox

LOG = logging.getLogger("souk.stripe")
SAVE_EVERY_SECONDS = 0.5
# What a browser may do with the publishable key. For an intent it must know the client secret as well.
BROWSER_ROUTES = {
    ("POST", "/v1/payment_methods"),
    ("POST", "/v1/tokens"),
    ("POST", "/v1/sources"),
    ("GET", "/v1/payment_intents/{id}"),
    ("POST", "/v1/payment_intents/{id}/confirm"),
    ("POST", "/v1/payment_intents/{id}/_authenticate"),
}
REQUEST: contextvars.ContextVar[dict[str, str | None]] = contextvars.ContextVar("request")


@dataclass
class Replay:
    """The first answer to an idempotency key."""

    fingerprint: str
    status: int
    body: bytes
    request_id: str


@dataclass
class Memory:
    """All state of the sandbox, kept in one file."""

    path: Path
    outbox: Outbox = field(default_factory=Outbox)
    replays: dict[str, Replay] = field(default_factory=dict)
    dirty: bool = False

    def load(self) -> None:
        """The file is this process's own work in a private folder; nothing else may be unpickled."""
        if self.path.exists():
            objects, self.outbox, self.replays = pickle.loads(self.path.read_bytes())
            resources.store.update(objects)

    def touch(self) -> None:
        self.dirty = True

    def save(self) -> None:
        if self.dirty:
            self.dirty = False
            fresh = self.path.with_suffix(".new")
            fresh.write_bytes(pickle.dumps((dict(resources.store), self.outbox, self.replays)))
            fresh.chmod(0o600)
            os.replace(fresh, self.path)

    def clear(self) -> None:
        dict.clear(resources.store)
        self.outbox.deliveries.clear()
        self.replays.clear()
        self.touch()


def presented_key(request: web.Request, data: dict[str, Any]) -> str | None:
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credential.strip() or None
    if scheme.lower() == "basic":
        return base64.b64decode(credential + "==").decode(errors="replace").partition(":")[0] or None
    return data.get("key")


def check_key(request: web.Request, data: dict[str, Any]) -> None:
    key = presented_key(request, data)
    if key is None:
        raise refuse(401, "You did not provide an API key. Send it as 'Authorization: Bearer YOUR_SECRET_KEY'.")
    if key == SECRET_KEY:
        return
    if key != PUBLISHABLE_KEY:
        raise refuse(401, f"Invalid API Key provided: {key[:8]}{'*' * 8}{key[-4:]}")
    resource = request.match_info.route.resource
    route = resource.canonical if resource else request.path
    if (request.method, route) not in BROWSER_ROUTES:
        raise refuse(403, "This call needs a secret key.", code="secret_key_required")
    if "id" in request.match_info:
        intent = resources.PaymentIntent._api_retrieve(request.match_info["id"])
        if data.get("client_secret") != intent.client_secret:
            raise refuse(
                400, "The client_secret provided does not match the client_secret of this PaymentIntent.",
                code="payment_intent_invalid_parameter", param="client_secret",
            )


async def parameters(request: web.Request) -> dict[str, Any]:
    if request.method != "POST":
        return dict(server.unflatten_data(request.query))
    if request.content_type == "application/json" and request.path.startswith("/v1/"):
        raise refuse(400, "Invalid request (the content type of a POST is application/x-www-form-urlencoded).")
    return dict(await server.get_post_data(request, remove_auth=False) or {})


def error_answer(error: UserError) -> web.Response:
    """localstripe's errors have a message only; Stripe's have a code and a parameter as well."""
    body: dict[str, Any] = error.body["error"]
    message = str(body.get("message", ""))
    if error.code == 402:
        body["type"] = "card_error"
    elif error.code >= 500:
        body["type"] = "api_error"
    elif body.get("code") == "idempotency_mismatch":
        body["type"] = "idempotency_error"
        del body["code"]
    elif error.code == 404 and "code" not in body:
        body.update(code="resource_missing", param="id", message="No such object.")
    elif message.startswith("Unexpected "):
        name = message.removeprefix("Unexpected ")
        body.update(code="parameter_unknown", param=name, message=f"Received unknown parameter: {name}")
    return web.json_response({"error": body}, status=error.code)


async def fingerprint(request: web.Request) -> str:
    return json.dumps([request.method, request.path, await parameters(request)], sort_keys=True)


def middlewares(memory: Memory, desk: Desk) -> list[Any]:
    one_at_a_time = asyncio.Lock()

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = f"req_{secrets.token_hex(7)}"
        REQUEST.set({"id": request_id, "idempotency_key": request.headers.get("Idempotency-Key")})
        try:
            response = await handler(request)
        except UserError as error:
            response = error_answer(error)
        except web.HTTPException as error:
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            response = error_answer(refuse(error.status, message, code="url_invalid"))
        except Exception:
            LOG.exception("%s %s", request.method, request.path)
            response = error_answer(refuse(500, "The sandbox failed; its log has the reason."))
        response.headers.setdefault("Request-Id", request_id)
        return response

    @web.middleware
    async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/v1/") and request.match_info.http_exception is None:
            check_key(request, await parameters(request))
        return await handler(request)

    @web.middleware
    async def replay(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in ("POST", "DELETE"):
            return await handler(request)
        key = request.headers.get("Idempotency-Key")
        async with one_at_a_time:
            earlier = memory.replays.get(key) if key else None
            if earlier is None:
                return await first_answer(request, handler)
        if earlier.fingerprint != await fingerprint(request):
            raise refuse(
                400, f"Keys for idempotent requests belong to the parameters of their first use; '{key}' was used with"
                " others.", code="idempotency_mismatch",
            )
        headers = {"Idempotency-Key": str(key), "Idempotent-Replayed": "true", "Original-Request": earlier.request_id}
        return web.Response(
            status=earlier.status, body=earlier.body, content_type="application/json", headers=headers
        )

    async def first_answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except UserError as error:
            response = error_answer(error)
        memory.touch()
        # Stripe keeps what was carried out or refused by the bank, not what it refused to look at.
        if isinstance(response, web.Response) and response.status in (200, 402):
            await keep(request, response)
        return response

    async def keep(request: web.Request, response: web.Response) -> None:
        key, body = request.headers.get("Idempotency-Key"), response.body
        if key:
            assert isinstance(body, bytes), "every answer of localstripe is a JSON text"
            memory.replays[key] = Replay(await fingerprint(request), response.status, body, str(REQUEST.get()["id"]))
            response.headers["Idempotency-Key"] = key

    return [answer, authenticate, stripe_control.interfere(desk, parameters, keep), replay]


def build(state_file: Path) -> web.Application:
    """The application. There can be one in a process: localstripe keeps its objects in a global."""
    memory = Memory(state_file)
    resources.Store.dump_to_disk = lambda _store: memory.touch()
    memory.load()
    courier = Courier(memory.outbox, memory.touch)
    stripe_objects.adapt(lambda: REQUEST.get({"id": None, "idempotency_key": None}))
    desk = stripe_control.open_desk(courier)

    async def send(event: resources.Event) -> None:
        desk.happened(order_of(event.data["object"]), event.id, event.type)

    webhooks._send_webhook = send

    app = web.Application(middlewares=middlewares(memory, desk))
    app.on_response_prepare.append(server.add_cors_headers)
    stripe_control.add_routes(app, memory, desk, courier)
    stripe_objects.add_routes(app)
    for route in server.app.router.routes():
        if route.resource and not route.resource.canonical.startswith("/_config/") and route.method != "HEAD":
            app.router.add_route(route.method, route.resource.canonical, route.handler)

    async def background(_app: web.Application) -> AsyncIterator[None]:
        async def keep_saving() -> None:
            while True:
                await asyncio.sleep(SAVE_EVERY_SECONDS)
                memory.save()

        courier.resume()
        saving = asyncio.ensure_future(keep_saving())
        yield
        saving.cancel()
        await courier.stop()
        memory.save()

    app.cleanup_ctx.append(background)
    return app


def run(host: str, port: int, state_file: Path) -> None:
    """Serve until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    web.run_app(build(state_file), host=host, port=port, print=None, access_log_format="%r %s %Tfs")
