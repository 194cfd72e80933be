"""Everything that can be tested here: the checks, then the journeys on a shop of their own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from souk_local import build, checks, disk, emulator, invariants, payments, processes, shop, test_kit
from souk_local.console import duration, say, step
from souk_local.places import CHECKOUT, Place
from souk_local.running import run

# Short enough to wait for in a test, long enough for a slow machine to pay in.
_PAYMENT_WINDOW_SECONDS = "60"
# Tokens outlive a deletion by minutes; the tests write once with one, at once.
_DELETION_SETTLE_SECONDS = "15"
# All tests come from one address, and sign the one admin in again and again. A test of the limits fills a counter itself.
_TRIES = "100000"
_NEEDED_GB = 18


def run_all(place: Place, *, only_journeys: bool, keep: bool) -> None:
    """Uses its own emulator on a free port and its own folder: a shop that runs is not touched."""
    began = time.monotonic()
    if build.is_first():
        disk.check(CHECKOUT, _NEEDED_GB, "a first whole test")
    if only_journeys:
        _journeys(place, keep)
    else:
        with checks.checked():
            checks.histories()
            _journeys(place, keep)
    say(f"\nAll passed in {duration(time.monotonic() - began)}.")


def _journeys(place: Place, keep: bool) -> None:
    with fresh_shop(place, keep=keep) as tested:
        with step("journeys on the running shop") as progress:
            run(
                checks.test_command("--package", "e2e", "--test", "journeys"),
                "journeys",
                progress,
                environment=shop.variables(place, tested.clients, tested.api_url, tested.sandbox.url),
                next_step=f"./scripts/test --journeys --keep leaves the shop up for ./scripts/logs --environment {place.environment}",
            )
        invariants.demand(place, tested.clients)


@contextmanager
def fresh_shop(place: Place, *, keep: bool = False) -> Iterator[shop.Shop]:
    """A shop with everything that only tests need, from nothing, and gone afterwards."""
    with shop.alone(place):
        payments.stop(place)
        test_kit.stop(place)
        emulator.reset(place)
    with shop.alone(place):
        build.for_this_machine()
        port = processes.free_port()
        try:
            yield shop.start(place, port, parameters(), any_stripe_port=True, emulator_settings=test_kit.start(place, port))
        finally:
            if not keep:
                payments.stop(place)
                emulator.stop(place)
                test_kit.stop(place)


def parameters() -> dict[str, str]:
    """What a shop under test is deployed with."""
    return {
        "PaymentWindowSeconds": os.environ.get("SOUK_PAYMENT_WINDOW_SECONDS", _PAYMENT_WINDOW_SECONDS),
        "DeletionSettleSeconds": _DELETION_SETTLE_SECONDS,
        "TriesPerAccount": _TRIES,
        "TriesPerIp": _TRIES,
    }
