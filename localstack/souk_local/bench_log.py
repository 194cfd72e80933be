"""What a purchase cost, as the functions themselves log it: one line with `dynamodb_calls` for each request, message and event."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from souk_local.clients import Clients

# The functions that a purchase ends with, long after its shopper has the confirmation.
LAST = ("catalog-on-order-confirmed", "notifications-send-email")
_PAGE = 10_000


@dataclass
class Used:
    """One function's part. Capacity is in units; halves of them are exact in a float."""

    invocations: int = 0
    calls: int = 0
    read: float = 0.0
    written: float = 0.0
    durations: list[float] = field(default_factory=list)


def read(clients: Clients, environment: str, began_ms: int) -> list[dict[str, Any]]:
    """All lines since `began_ms` that say what they cost."""
    client = clients("logs")
    found: dict[tuple[str, int, str], dict[str, Any]] = {}
    start = began_ms
    while True:
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=f"/souk/{environment}", filterPattern='"dynamodb_calls"', startTime=start
        )
        events = [event for page in pages for event in page["events"]]
        for event in events:
            key = (event["logStreamName"], event["timestamp"], event["message"])
            found[key] = parsed(event["message"], environment)
        # The emulator gives so many and no way to ask for more.
        if len(events) < _PAGE or events[-1]["timestamp"] == start:
            return [line for line in found.values() if line]
        start = events[-1]["timestamp"]


def parsed(message: str, environment: str) -> dict[str, Any]:
    """A log line with the short name of its function; nothing when it is none of ours."""
    try:
        line = json.loads(message)
        name = line["span"]["function"]
        return {**line, "function": name.removeprefix(f"souk-{environment}-")} if "dynamodb_calls" in line else {}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def by_function(lines: Iterable[Mapping[str, Any]]) -> dict[str, Used]:
    used: dict[str, Used] = {}
    for line in lines:
        part = used.setdefault(str(line["function"]), Used())
        part.invocations += 1
        part.calls += int(line["dynamodb_calls"])
        part.read += float(line.get("read_capacity", 0.0))
        part.written += float(line.get("write_capacity", 0.0))
        if "duration_ms" in line:
            part.durations.append(float(line["duration_ms"]))
    return used
