"""The invariants of a shop, each a pure function over the rows of all tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from souk_local.snapshot import Snapshot

# What outbox, sweeps and schedules may take before something is wrong.
GRACE = timedelta(minutes=5)


@dataclass(frozen=True)
class Violation:
    """One thing that must not be: what it is about, what was expected and what was found."""

    subject: str
    text: str
    # When what it is about last changed: what follows from a change takes a moment.
    touched: datetime | None = None


@dataclass
class Finding:
    """What a rule looked at, and what is wrong with it."""

    checked: int = 0
    violations: list[Violation] = field(default_factory=list)

    def wrong(self, subject: str, expected: object, found: object, touched: datetime | None = None) -> None:
        self.violations.append(Violation(subject, f"expected {expected}, found {found}", touched))


@dataclass(frozen=True)
class Rule:
    """An invariant as a sentence, what it counts, how it is checked, and what to do when it is broken."""

    sentence: str
    counts: str
    check: Callable[[Snapshot], Finding]
    next_step: str
