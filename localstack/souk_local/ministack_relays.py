"""Each table's stream is read on its own, as on AWS: MiniStack's one poller waits for each function that it hands stream records to,
and meanwhile no other stream is read and no message is taken from any queue.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

Mapping = tuple[str, str, dict[str, Any]]


def install(lambda_svc: Any, dynamodb: Any) -> None:
    """Mends MiniStack's event source mappings in this process."""
    mappings, poll = lambda_svc._iter_all_esms, lambda_svc._poll_dynamodb_streams
    reader = threading.local()

    def its_mappings() -> Iterator[Mapping]:
        """All of them for the poller; the one it reads for a reader."""
        wanted = getattr(reader, "mapping", None)
        return (found for found in mappings() if wanted in (None, found[2]["UUID"]))

    def read(mapping: str) -> None:
        reader.mapping = mapping
        poll()

    def poll_streams() -> bool:
        """One reader per stream at a time, for its records have an order; the end of each wakes the poller."""
        for account, region, mapping in mappings():
            if _is_stream(mapping) and _is_behind(account, region, mapping) and not lambda_svc._esm_inflight.get(mapping["UUID"]):
                lambda_svc._dispatch_esm_batch(mapping["UUID"], read, mapping["UUID"])
        return False

    def _is_behind(account: str, region: str, mapping: dict[str, Any]) -> bool:
        if lambda_svc._esm_backoff_until.get(mapping["UUID"], 0) > time.time():
            return False
        table = mapping["EventSourceArn"].split("/")[1]
        end = dynamodb.stream_end_position(table, account_id=account, region=region)
        return bool(lambda_svc._dynamodb_stream_positions.get(mapping["UUID"]) != end)

    lambda_svc._iter_all_esms, lambda_svc._poll_dynamodb_streams = its_mappings, poll_streams


def _is_stream(mapping: dict[str, Any]) -> bool:
    arn = mapping.get("EventSourceArn", "")
    return bool(mapping.get("Enabled", True)) and ":dynamodb:" in arn and "/stream/" in arn
