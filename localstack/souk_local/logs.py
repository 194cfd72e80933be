"""The path of one order or request through all functions, from the shared log group."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from souk_local.clients import Clients
from souk_local.console import Failure, say
from souk_local.places import Place

_OWN_COLUMNS = {"timestamp", "level", "correlation_id", "function", "message", "target", "traceparent", "name", "requestId"}


def show(place: Place, clients: Clients, wanted: str) -> None:
    """Prints the lines of a correlation id; any other id is looked up for the correlation ids it occurs with."""
    lines = find(clients, place, wanted)
    correlations = sorted({line["correlation_id"] for line in lines if line.get("correlation_id")})
    for correlation in correlations:
        if correlation != wanted:
            known = {line["event"] for line in lines}
            lines += [line for line in find(clients, place, correlation) if line["event"] not in known]
    if not lines:
        raise Failure(f"no log line names {wanted}", "an id is in a response's request_id, and in an order's or payment's id")
    began = min(line["at"] for line in lines)
    say(f"{datetime.fromtimestamp(began / 1000, timezone.utc):%Y-%m-%d %H:%M:%S} UTC, correlation id {', '.join(correlations) or 'none'}")
    for line in sorted(lines, key=lambda line: (line["at"], line["order"])):
        say(_text(line, began, place.environment, with_correlation=len(correlations) > 1))


def find(clients: Clients, place: Place, wanted: str) -> list[dict[str, Any]]:
    """The log lines that have these words."""
    pages = clients("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/souk/{place.environment}", filterPattern=f'"{wanted}"')
    found = []
    for page in pages:
        for event in page["events"]:
            line = _parsed(event["message"])
            if line is not None:
                found.append({**line, "at": event["timestamp"], "order": len(found), "event": event.get("eventId") or event["message"]})
    return found


def _parsed(message: str) -> dict[str, Any] | None:
    try:
        line = json.loads(message)
    except ValueError:
        return None
    if not isinstance(line, dict):
        return None
    nested: dict[str, Any] = {}
    for part in ("span", "fields"):
        if isinstance(line.get(part), dict):
            nested |= line[part]
    for span in line.get("spans", []):
        nested = {**span, **nested}
    return {**nested, **{key: value for key, value in line.items() if key not in ("fields", "span", "spans")}}


def _text(line: dict[str, Any], began: int, environment: str, *, with_correlation: bool) -> str:
    function = str(line.get("function") or "-").removeprefix(f"souk-{environment}-")
    correlation = f"{str(line.get('correlation_id') or '-')[:8]:<8}  " if with_correlation else ""
    details = " ".join(f"{key}={value}" for key, value in line.items() if key not in _OWN_COLUMNS | {"at", "order", "event"} and value not in (None, ""))
    return f"{line['at'] - began:>7} ms  {correlation}{function:<31} {line.get('message', '')}  {details}".rstrip()
