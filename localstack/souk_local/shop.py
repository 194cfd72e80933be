"""A whole shop on this machine: started, stopped, looked at."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from souk_local import build, demo_order, emulator, mailbox, payments, people, seed, stripe_sandbox, test_kit
from souk_local.clients import LOCAL_REGION, Clients
from souk_local.console import Failure, say, step
from souk_local.deploy import Deployment
from souk_local.places import CHECKOUT, LOGS, Place
from souk_local.public_api import Api
from souk_local.stripe_sandbox import Sandbox


@dataclass(frozen=True)
class Shop:
    """A running shop, and how to reach it."""

    place: Place
    clients: Clients
    api_url: str
    sandbox: Sandbox


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Holds the environment's lock, so that two terminals do not build the same shop at once."""
    place.folder.mkdir(parents=True, exist_ok=True)
    with place.lock.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Failure(
                f"process {lock.read().strip() or 'of another terminal'} is working on the shop {place.environment!r}",
                "wait for it, or stop it and try again",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def start(
    place: Place,
    port: int | None,
    parameters: dict[str, str],
    *,
    any_stripe_port: bool = False,
    emulator_settings: Mapping[str, str] | None = None,
) -> Shop:
    """Brings a shop up from any state: emulator, payment sandbox, stacks, keys, people, demo goods."""
    with step("starting the emulator"):
        emulator.start(place, port, emulator_settings)
    clients = Clients(place)
    with step("starting the Stripe sandbox"):
        sandbox = payments.start(place, any_port=any_stripe_port)
    deployment = Deployment(place, clients, {"StripeApiUrl": sandbox.url, **parameters})
    deployment.everything()
    api_url = deployment.value("api/url")
    api = Api(api_url)
    payments.connect(place, clients, sandbox, api_url)
    with step("signing in the demo people"):
        known = people.ensure(place, clients, api)
    with step("filling the shop") as progress:
        summary = seed.run(api_url, people.access_token(api, known["admin"]), progress=progress.show)
        progress.clear()
        say(f"    {summary}")
    return Shop(place, clients, api_url, sandbox)


def up(place: Place, port: int | None) -> None:
    with alone(place):
        build.for_this_machine()
        shop = start(place, port, {})
        with step("placing a demo order"):
            bought = demo_order.place(
                shop.api_url,
                lambda secret: stripe_sandbox.pay(secret, sandbox_url=shop.sandbox.url),
                lambda: mailbox.messages(str(shop.clients.endpoint)),
                lambda text: say(f"    {text}"),
            )
        say(demo_order.format_mail(bought.mail))
        say(f"./scripts/logs {bought.id} shows the path of this order")
        describe(shop.place, shop.clients, shop.api_url, shop.sandbox.url)


def down(place: Place) -> None:
    with alone(place):
        stopped = payments.stop(place)
        stopped = emulator.stop(place) or stopped
    say("    stopped; the data is kept for the next ./scripts/up" if stopped else "    nothing was running")


def reset(place: Place) -> None:
    with alone(place):
        payments.stop(place)
        emulator.reset(place)
    say(f"    the shop {place.environment!r} and its data are gone; what was built is kept")


def describe(place: Place, clients: Clients, api_url: str, stripe_url: str) -> None:
    endpoint = clients.endpoint
    say(f"\nThe shop runs.\n  API       {api_url}\n            {api_url}/openapi.json describes it; try {api_url}/products")
    for role, person in people.demo_people(place).items():
        say(f"  {role:<9} {person.email}   password {person.password}")
    say(f"  Mail      {endpoint}/_ministack/ses/messages")
    say(f"  AWS       AWS_ENDPOINT_URL={endpoint} AWS_REGION={LOCAL_REGION} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test")
    say(f"  Stripe    {stripe_url} (sandbox)")
    say(f"  Logs      ./scripts/logs <order id or request id>; the emulator's own: {LOGS.relative_to(CHECKOUT)}/emulator-{place.environment}.log")
    say("  Stop      ./scripts/down keeps the data, ./scripts/reset deletes it")


def status(place: Place, *, as_environment: bool) -> int:
    """Says what runs; with `as_environment` as lines that a shell can read. Answers the exit status."""
    url = emulator.endpoint(place)
    sandbox = stripe_sandbox.current(payments.folder(place))
    if url is None:
        say(f"the shop {place.environment!r} is not running: ./scripts/up starts it")
        return 1
    clients = Clients(place)
    api_url = Deployment(place, clients, {}).value("api/url")
    if as_environment:
        for name, value in variables(place, clients, api_url, sandbox.url if sandbox else "").items():
            say(f"export {name}='{value}'")
        return 0
    describe(place, clients, api_url, sandbox.url if sandbox else "not running: ./scripts/up starts it")
    return 0 if sandbox else 1


def variables(place: Place, clients: Clients, api_url: str, stripe_url: str) -> dict[str, str]:
    """What the e2e tests, and a developer's own tools, need to know of a running shop."""
    deployment = Deployment(place, clients, {})
    known = people.demo_people(place)
    return {
        "SOUK_ENVIRONMENT": place.environment,
        "SOUK_API_URL": api_url,
        "SOUK_EMULATOR_URL": str(clients.endpoint),
        "SOUK_STRIPE_URL": stripe_url,
        "SOUK_STRIPE_PUBLISHABLE_KEY": payments.PUBLISHABLE_KEY,
        "SOUK_STRIPE_WEBHOOK_SECRET": payments.webhook_secret(place),
        "SOUK_ADMIN_EMAIL": known["admin"].email,
        "SOUK_ADMIN_PASSWORD": known["admin"].password,
        "SOUK_SHOPPER_EMAIL": known["shopper"].email,
        "SOUK_SHOPPER_PASSWORD": known["shopper"].password,
        "SOUK_USER_POOL_ID": deployment.value("auth/user-pool-id"),
        "SOUK_CLIENT_ID": deployment.value("auth/client-id"),
        "AWS_ENDPOINT_URL": str(clients.endpoint),
        "AWS_REGION": LOCAL_REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        **test_kit.variables(place),
    }
