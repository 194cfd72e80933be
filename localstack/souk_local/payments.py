"""Starts the Stripe sandbox for one environment, and gives the shop its keys."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from souk_local import processes, stripe_sandbox
from souk_local.clients import Clients
from souk_local.console import Failure
from souk_local.places import Place
from souk_local.stripe_keys import PUBLISHABLE_KEY, SECRET_KEY
from souk_local.stripe_sandbox import Sandbox, SandboxError

_SECRET_FILE = "stripe-webhook-secret"


def folder(place: Place) -> Path:
    return place.folder / "stripe"


def start(place: Place, *, any_port: bool = False) -> Sandbox:
    """Starts the sandbox unless it runs: on its usual port, or on a free one when that is taken."""
    recorded = place.read("stripe-port")
    port = int(recorded) if recorded else stripe_sandbox.DEFAULT_PORT
    if any_port or (stripe_sandbox.current(folder(place)) is None and not processes.is_free(port)):
        port = processes.free_port()
    try:
        sandbox = stripe_sandbox.start(folder(place), port)
    except SandboxError as error:
        raise Failure(str(error), "./scripts/down, then ./scripts/up") from error
    place.write("stripe-port", sandbox.url.rpartition(":")[2])
    return sandbox


def stop(place: Place) -> bool:
    return stripe_sandbox.stop(folder(place))


def webhook_secret(place: Place) -> str:
    """Signs the sandbox's webhooks; made up once per checkout."""
    secret = place.read(_SECRET_FILE)
    if not secret:
        secret = "whsec_" + secrets.token_hex(24)
        place.write(_SECRET_FILE, secret)
    return secret


def connect(place: Place, clients: Clients, sandbox: Sandbox, api_url: str) -> None:
    """Stores the keys where functions read them, and tells the sandbox where webhooks go."""
    wanted = json.dumps({"secret_key": SECRET_KEY, "webhook_secrets": [webhook_secret(place)], "publishable_key": PUBLISHABLE_KEY})
    name = f"souk-{place.environment}-stripe"
    manager = clients("secretsmanager")
    if manager.get_secret_value(SecretId=name)["SecretString"] != wanted:
        manager.put_secret_value(SecretId=name, SecretString=wanted)
    stripe_sandbox.register_webhook(f"{api_url}/hooks/stripe", webhook_secret(place), sandbox.url)
