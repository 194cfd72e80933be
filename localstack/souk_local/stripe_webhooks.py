"""Webhook delivery as Stripe does it: signed at every attempt, repeated until the receiver answers 2xx.

localstripe sends each webhook once, with a signature as old as the event, and forgets it when the receiver is down.
Stripe repeats for three days; the sandbox repeats on a shorter schedule and keeps what is undelivered over a restart.
Like Stripe it promises no order and may deliver an event twice (an answer that comes late counts as none).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp

LOG = logging.getLogger("souk.stripe.webhooks")

# Seconds before each attempt: the first is short because the real one may overtake the API's own answer too.
DELAYS: tuple[float, ...] = (0.05, 1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1800)
TIMEOUT_SECONDS = 10.0


@dataclass
class Endpoint:
    """Where webhooks go. `events` of None means all of them."""

    url: str
    secret: str
    events: list[str] | None = None

    def wants(self, event_type: str) -> bool:
        return self.events is None or "*" in self.events or event_type in self.events


@dataclass(eq=False)
class Delivery:
    """One event on its way to one endpoint. The same event may be on its way several times."""

    endpoint_id: str
    event_id: str
    event_type: str
    payload: bytes
    attempts: int = 0
    # Seconds before the first attempt, besides the usual.
    delay: float = 0.0


@dataclass
class Outbox:
    """What must survive a restart: the endpoints and the deliveries that are not done."""

    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """The value of the `Stripe-Signature` header."""
    signed = hmac.new(secret.encode(), b"%d.%s" % (timestamp, payload), hashlib.sha256)
    return f"t={timestamp},v1={signed.hexdigest()}"


class Courier:
    """Carries deliveries; `changed` is called whenever the outbox must be saved."""

    def __init__(self, outbox: Outbox, changed: Callable[[], None]) -> None:
        self._outbox = outbox
        self._changed = changed
        self._tasks: set[asyncio.Task[None]] = set()

    def dispatch(
        self, event_id: str, event_type: str, payload: bytes, copies: int = 1, delay: float = 0.0
    ) -> Awaitable[list[str]]:
        """Send an event to every endpoint that wants it. What is returned awaits what the first attempts came to."""
        wanting = [name for name, endpoint in self._outbox.endpoints.items() if endpoint.wants(event_type)]
        outcomes = []
        for endpoint_id in wanting * copies:
            delivery = Delivery(endpoint_id, event_id, event_type, payload, delay=delay)
            self._outbox.deliveries.append(delivery)
            outcomes.append(self._begin(delivery))
        self._changed()
        return asyncio.gather(*outcomes)

    def resume(self) -> None:
        """Take up what an earlier process left undelivered."""
        for delivery in self._outbox.deliveries:
            delivery.attempts = 0
            self._begin(delivery)

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, delivery: Delivery) -> asyncio.Future[str]:
        first: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(self._carry(delivery, first))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: first.done() or first.set_result("not sent"))
        return first

    async def _carry(self, delivery: Delivery, first: asyncio.Future[str]) -> None:
        while delivery.attempts < len(DELAYS):
            await asyncio.sleep(DELAYS[delivery.attempts] + (0 if delivery.attempts else delivery.delay))
            endpoint = self._outbox.endpoints.get(delivery.endpoint_id)
            if endpoint is None or delivery not in self._outbox.deliveries:
                break
            outcome, done = await self._attempt(delivery, endpoint)
            if not first.done():
                first.set_result(outcome)
            if done:
                break
            delivery.attempts += 1
        if delivery in self._outbox.deliveries:
            self._outbox.deliveries.remove(delivery)
        self._changed()

    async def _attempt(self, delivery: Delivery, endpoint: Endpoint) -> tuple[str, bool]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(delivery.payload, endpoint.secret, int(time.time())),
            "User-Agent": "Stripe/1.0 (sandbox)",
        }
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            # A redirect is a failed delivery, as at Stripe.
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(endpoint.url, data=delivery.payload, headers=headers, allow_redirects=False) as answer,
            ):
                outcome, done = str(answer.status), 200 <= answer.status < 300
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            outcome, done = f"{type(error).__name__}: {error}", False
        LOG.info(
            "webhook %s %s to %s, attempt %d: %s",
            delivery.event_type, delivery.event_id, delivery.endpoint_id, delivery.attempts + 1, outcome,
        )
        return outcome, done
