"""All rows of an environment as they were at one moment, or nearly: tables are read one after the other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from itertools import chain
from typing import Any

from souk_local import logs, mailbox, till
from souk_local.clients import ClientError, Clients, code_of
from souk_local.console import Failure, Progress
from souk_local.kinds import fault_of
from souk_local.places import Place
from souk_local.till import Intent

# As orders call themselves.
_NUMBER = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}\b")

TABLES = ("payments", "orders", "catalog", "cart", "notifications", "users")


@dataclass(frozen=True)
class Row:
    """An item of a service's table."""

    table: str
    item: Mapping[str, Any] = field(hash=False)

    def __getitem__(self, name: str) -> Any:
        return self.item[name]

    def get(self, name: str) -> Any:
        return self.item.get(name)

    def amount(self, name: str) -> int:
        return int(self.item[name]["amount"])

    def at(self, name: str) -> datetime:
        return instant(self.item[name])

    @property
    def key(self) -> str:
        return f"{self.item.get('pk')} {self.item.get('sk')}"


@dataclass(frozen=True)
class Mail:
    """A mail about an order, as it lies in the emulator's mailbox."""

    number: str
    to: str
    subject: str


class Snapshot:
    """Rows by kind and id. Rows that do not decode are apart: no rule but their own sees them."""

    def __init__(
        self,
        rows: Iterable[Row],
        now: datetime,
        *,
        dead_letters: Mapping[str, int] | None = None,
        intents: Iterable[Intent] = (),
        mails: Iterable[Mail] = (),
        possibly_repeated: Iterable[str] = (),
    ) -> None:
        self.now = now
        self.dead_letters = dict(dead_letters or {})
        self.intents = {intent.id: intent for intent in intents}
        self.mails = list(mails)
        # Orders with a mail that was sent again after a crash, and logged so.
        self.possibly_repeated = set(possibly_repeated)
        self.unreadable: list[tuple[Row, str]] = []
        self._by_kind: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            fault = fault_of(row.table, row.item)
            if fault:
                self.unreadable.append((row, fault))
            else:
                self._by_kind[row["type"]].append(row)

    def of(self, kind: str) -> list[Row]:
        return self._by_kind.get(kind, [])

    @property
    def rows(self) -> Iterable[Row]:
        return chain.from_iterable(self._by_kind.values())

    @property
    def size(self) -> int:
        return len(self.unreadable) + sum(len(rows) for rows in self._by_kind.values())

    @cached_property
    def orders(self) -> dict[str, Row]:
        return {row["id"]: row for row in self.of("order")}

    @cached_property
    def carts(self) -> dict[str, Row]:
        return {row["id"]: row for row in self.of("cart")}

    @cached_property
    def stocks(self) -> dict[str, Row]:
        return {row["sku"]: row for row in self.of("stock")}

    @cached_property
    def holds(self) -> dict[str, Row]:
        return {row["order_id"]: row for row in self.of("hold")}

    @cached_property
    def payments(self) -> dict[str, Row]:
        return {row["id"]: row for row in self.of("payment")}

    @cached_property
    def payments_of(self) -> dict[str, list[Row]]:
        return grouped(self.of("payment"), "order_id")

    @cached_property
    def attempts(self) -> dict[str, Row]:
        return {row["order_id"]: row for row in self.of("attempts")}

    @cached_property
    def profiles(self) -> dict[str, Row]:
        return {row["id"]: row for row in self.of("profile")}

    @cached_property
    def left(self) -> dict[str, Row]:
        """The tombstones that stand in the place of profiles."""
        return {row["id"]: row for row in self.of("tombstone") if row.table == "users"}

    def touched(self, order_id: str) -> datetime | None:
        """When the order, or the money for it, was last seen to change: what follows from that may still be on its way."""
        order = self.orders.get(order_id)
        moments = [payment.at("updated_at") for payment in self.payments_of.get(order_id, [])]
        if order:
            moments += [order.at("placed_at"), *(instant(entry["at"]) for entry in order["timeline"])]
        return max(moments, default=None)


def grouped(rows: Iterable[Row], name: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups


def instant(text: str) -> datetime:
    # Python 3.10 does not know the Z.
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def read(clients: Clients, place: Place, progress: Progress) -> Snapshot:
    """Reads every table of the environment to its end, and how much lies in the dead-letter queues."""
    rows = [row for table in TABLES for row in _rows(clients, place, table, progress)]
    intents = till.read(place) if clients.is_emulated else []
    now = datetime.now(timezone.utc)
    mails = list(_mails(clients)) if clients.is_emulated else []
    # The log is long; it is read only when it has something to excuse.
    repeated = _possibly_repeated(clients, place) if len(set(mails)) < len(mails) else set()
    return Snapshot(rows, now, dead_letters=_dead_letters(clients, place), intents=intents, mails=mails, possibly_repeated=repeated)


def _rows(clients: Clients, place: Place, table: str, progress: Progress) -> Iterable[Row]:
    name = f"souk-{place.environment}-{table}"
    pages = clients("dynamodb").get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    count = 0
    try:
        for page in pages:
            for item in page["Items"]:
                count += 1
                yield Row(table, {attribute: value(typed) for attribute, typed in item.items()})
            progress.show(f"reading {name}: {count} rows")
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            raise Failure(f"there is no table {name}", f"deploy it: ./scripts/deploy {place.environment}") from error
        raise


def _dead_letters(clients: Clients, place: Place) -> dict[str, int]:
    sqs = clients("sqs")
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=f"souk-{place.environment}-")
    urls = [url for page in pages for url in page.get("QueueUrls", []) if url.endswith("-dead-letters")]
    counted = "ApproximateNumberOfMessages"
    return {url.rpartition("/")[2]: int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[counted])["Attributes"][counted]) for url in urls}


def _mails(clients: Clients) -> Iterable[Mail]:
    for message in mailbox.messages(str(clients.endpoint)):
        number = _NUMBER.search(message["Subject"])
        if number:
            yield Mail(number.group(), " ".join(message["To"]), message["Subject"])


def _possibly_repeated(clients: Clients, place: Place) -> set[str]:
    lines = logs.find(clients, place, "possibly_repeated")
    return {str(line.get("order_id")) for line in lines if line.get("possibly_repeated") in (True, "true")}


def value(typed: Mapping[str, Any]) -> Any:
    """A DynamoDB attribute as a plain value. Souk has no fractions, so a number is an integer or stays the text it is."""
    ((kind, held),) = typed.items()
    if kind == "N":
        return int(held) if held.lstrip("-").isdigit() else held
    if kind == "M":
        return {name: value(inner) for name, inner in held.items()}
    if kind == "L":
        return [value(inner) for inner in held]
    return None if kind == "NULL" else held
