"""What goes wrong for one order, because a test or a developer wants to see what the shop makes of it.

    PUT    /_config/faults/<order id>   {"drop": 1, "only": ["payment_intent.succeeded"]}
    GET    /_config/faults/<order id>   what is still to go wrong
    DELETE /_config/faults/<order id>   nothing any more; what was held back goes on its way
    GET    /_config/orders/<order id>   the order's intents, refunds and events, and the calls made about it
    POST   /_config/events/<event id>   deliver this event now, once more or at last
    POST   /_config/refunds/<refund id> {"status": "succeeded"} or "failed": what the bank makes of a pending refund

An order is known before its first intent is made, and stands in the metadata of all that is asked about it. So tests
that run side by side do not meet. A restart ends all faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

ERROR, KEPT_ERROR, IN_USE, LOST_ANSWER, DELAY, HOLD = "error", "kept_error", "in_use", "lost_answer", "delay", "hold"
CALL_FAULTS = (ERROR, KEPT_ERROR, IN_USE, LOST_ANSWER, DELAY, HOLD)


class Unreadable(ValueError):
    """The faults are not as they are described here."""


def read(kind: type, given: object) -> Any:
    """The dataclass `kind` from JSON. Its defaults say what type a member has."""
    if not isinstance(given, dict):
        raise Unreadable(f"expected an object, found {given!r}")
    usual = {member.name: getattr(EXAMPLES[kind], member.name) for member in fields(kind)}
    for name, value in given.items():
        if name not in usual:
            raise Unreadable(f"no '{name}'; there are {', '.join(usual)}")
        if type(value) is not type(usual[name]):
            raise Unreadable(f"'{name}' is {value!r}, which is not like {usual[name]!r}")
    return kind(**given)


@dataclass
class CallFault:
    """The next `times` calls of a route go wrong.

    error: 500, and nothing is done. kept_error: the same, and kept for the idempotency key, as Stripe does once it
    has begun. in_use: 409 idempotency_key_in_use. lost_answer: all is done, then the connection is cut. delay: all is
    done, the answer comes `delay_ms` later. hold: all is done, the answer comes when the faults are replaced.
    """

    route: str = "POST /v1/payment_intents"
    fault: str = ERROR
    times: int = 1
    delay_ms: int = 0


@dataclass
class Faults:
    """`only` names the types of events that go wrong; without it all do."""

    only: list[str] = field(default_factory=list)
    # So many events never arrive.
    drop: int = 0
    # Every event arrives so many times.
    copies: int = 1
    delay_ms: int = 0
    # Of two events the later one is delivered first.
    reverse: bool = False
    # No event arrives until the faults are replaced.
    hold: bool = False
    # The bank declines every card.
    decline: bool = False
    # An intent is paid before its creator is answered.
    confirm: bool = False
    # Refunds are pending at first.
    slow_refunds: bool = False
    calls: list[CallFault] = field(default_factory=list)

    @classmethod
    def from_json(cls, given: object) -> Faults:
        faults: Faults = read(cls, given)
        faults.calls = [read(CallFault, call) for call in faults.calls]
        for call in faults.calls:
            if call.fault not in CALL_FAULTS:
                raise Unreadable(f"no fault '{call.fault}'; there are {', '.join(CALL_FAULTS)}")
        return faults

    def concerns(self, event_type: str) -> bool:
        return not self.only or event_type in self.only

    def of_call(self, route: str) -> CallFault | None:
        """What goes wrong with this call of `route`; it then is one less."""
        for call in self.calls:
            if call.route == route and call.times > 0:
                call.times -= 1
                return call
        return None


EXAMPLES: dict[type, Any] = {CallFault: CallFault(), Faults: Faults()}


@dataclass
class Case:
    """All about one order."""

    faults: Faults = field(default_factory=Faults)
    calls: list[dict[str, Any]] = field(default_factory=list)
    # Events held back, in the order in which they happened.
    held: list[str] = field(default_factory=list)
    replaced: asyncio.Event = field(default_factory=asyncio.Event)


# Delivers an event so many times, after so many seconds; done when the first attempts are.
Deliver = Callable[[str, int, float], Awaitable[object]]


class Desk:
    """The cases, and what they make of each event."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._cases: dict[str | None, Case] = {}
        self._tasks: set[asyncio.Future[object]] = set()

    def case(self, order: str | None) -> Case:
        """What is about no order has no faults."""
        return self._cases.setdefault(order, Case()) if order else Case()

    def clear(self) -> None:
        for case in self._cases.values():
            case.replaced.set()
        self._cases.clear()

    def show(self, order: str) -> dict[str, Any]:
        case = self.case(order)
        return {**asdict(case.faults), "held": case.held}

    def replace(self, order: str, faults: Faults) -> None:
        case = self.case(order)
        case.faults = faults
        case.replaced.set()
        case.replaced = asyncio.Event()
        if not faults.hold:
            for event_id in case.held:
                self._start(self._deliver(event_id, 1, 0))
            case.held = []

    def happened(self, order: str | None, event_id: str, event_type: str) -> None:
        """Sends an event on its way, or not."""
        case = self.case(order)
        faults = case.faults
        if not faults.concerns(event_type):
            self._start(self._deliver(event_id, 1, 0))
        elif faults.drop > 0:
            faults.drop -= 1
        elif faults.hold or (faults.reverse and not case.held):
            case.held.append(event_id)
        else:
            earlier, case.held = case.held, []
            self._start(self._one_by_one([event_id, *earlier], faults))

    async def _one_by_one(self, event_ids: list[str], faults: Faults) -> None:
        for event_id in event_ids:
            await self._deliver(event_id, faults.copies, faults.delay_ms / 1000)

    def _start(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
