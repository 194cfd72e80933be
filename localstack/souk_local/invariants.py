"""Checks an environment: reads all rows, and says of each invariant whether it holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from souk_local import snapshot
from souk_local.clients import Clients
from souk_local.console import Failure, Progress, say, step
from souk_local.places import Place
from souk_local.rules import Finding, Rule, Violation, accounts, catalogue, money, orders, rows, shelves, stock
from souk_local.snapshot import Snapshot

RULES: tuple[Rule, ...] = (
    *stock.RULES,
    *catalogue.RULES,
    *shelves.RULES,
    *orders.RULES,
    *money.RULES,
    *accounts.RULES,
    *rows.RULES,
)

# Longer than a consumer's retries and a test's payment window take together.
_TESTS_SETTLE_SECONDS = 120
_PAUSE_SECONDS = 2.0
# What follows from a change (events, their effects, the provider's webhooks) is there by then, or something is wrong.
_IN_FLIGHT = timedelta(minutes=1)


@dataclass(frozen=True)
class Report:
    """What the last of the readings showed."""

    shop: Snapshot
    findings: list[tuple[Rule, Finding]]
    readings: int = 1

    @property
    def violations(self) -> list[Violation]:
        return [violation for _, finding in self.findings for violation in finding.violations]

    @property
    def in_flight(self) -> list[Violation]:
        return [violation for violation in self.violations if self.may_pass(violation)]

    def may_pass(self, violation: Violation) -> bool:
        return violation.touched is not None and self.shop.now - violation.touched < _IN_FLIGHT


def check(place: Place, clients: Clients, *, settle: float, progress: Progress) -> Report:
    """Reads until nothing is wrong, or `settle` seconds are over."""
    return settled(lambda: snapshot.read(clients, place, progress), settle)


def demand(place: Place, clients: Clients) -> None:
    """Fails unless every invariant holds once all that the tests began has come to its end."""
    with step("invariants over all tables") as progress:
        report = check(place, clients, settle=_TESTS_SETTLE_SECONDS, progress=progress)
        if tell(report):
            raise Failure("the tests left the shop with broken invariants", f"./scripts/test --journeys --keep, then ./scripts/invariants {place.environment}")


def settled(read: Callable[[], Snapshot], settle: float) -> Report:
    end = time.monotonic() + settle
    readings = 1
    while True:
        report = judge(read(), readings)
        if not report.violations or time.monotonic() + _PAUSE_SECONDS > end:
            return report
        time.sleep(_PAUSE_SECONDS)
        readings += 1


def judge(shop: Snapshot, readings: int = 1) -> Report:
    return Report(shop, [(rule, rule.check(shop)) for rule in RULES], readings)


def tell(report: Report) -> int:
    """Prints a line for each invariant, and all that breaks it. Answers the exit status."""
    for rule, finding in report.findings:
        state = "ok  " if not finding.violations else "FAIL"
        say(f"  {state}  {rule.sentence}  ({finding.checked} {rule.counts})")
        for violation in finding.violations:
            passing = "  [may be in flight]" if report.may_pass(violation) else ""
            say(f"          {violation.subject}: {violation.text}{passing}")
        if finding.violations:
            say(f"          next: {rule.next_step}")
    say("")
    return _sum_up(report)


def _sum_up(report: Report) -> int:
    broken = sum(bool(finding.violations) for _, finding in report.findings)
    count, passing = len(report.violations), len(report.in_flight)
    if not broken:
        say(f"All {len(report.findings)} invariants hold over {report.shop.size} rows.")
        return 0
    say(f"{broken} of {len(report.findings)} invariants are broken, {count} violations in {report.shop.size} rows, readings: {report.readings}.")
    if passing:
        say(f"{passing} of them concern what changed less than a minute before: it may be in flight. --settle 60 reads again until it is done.")
    return 1
