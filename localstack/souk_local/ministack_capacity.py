"""What reads consume, as AWS counts it: MiniStack takes the same for each, however much it reads, and says nothing for a batch.

Without it, no test could see a read that grows with a shop's history. Projections do not make a read cheaper; a filter does not
either, but here what it leaves out is not seen: no function of ours uses one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

_UNIT_BYTES = 4096

Item = Mapping[str, Any]


def units(sizes: Iterable[int], *, consistent: bool) -> float:
    """Reads of their own, such as those of a batch: each is rounded up, and one that finds nothing costs as much as a small one."""
    rounded = sum(max(1, -(-size // _UNIT_BYTES)) for size in sizes)
    return float(rounded) if consistent else rounded / 2


def install(dynamodb: Any) -> None:
    """Mends MiniStack's DynamoDB in this process."""
    add, batch_get, size = dynamodb._add_consumed_capacity, dynamodb._batch_get_item, dynamodb._item_size_bytes

    def add_consumed_capacity(result: dict[str, Any], data: Item, table: str, write: bool = False, **details: Any) -> None:
        add(result, data, table, write=write, **details)
        if write or "ConsumedCapacity" not in result:
            return
        # All that a query reads is rounded up together.
        items = result["Items"] if "Items" in result else [result.get("Item") or {}]
        read = units([sum(size(item) for item in items)], consistent=bool(data.get("ConsistentRead")))
        consumed = result["ConsumedCapacity"]
        consumed["CapacityUnits"] = read
        for part in (consumed.get("Table"), *consumed.get("GlobalSecondaryIndexes", {}).values()):
            if part and part["CapacityUnits"]:
                part["CapacityUnits"] = read

    def batch_get_item(data: Mapping[str, Any]) -> tuple[int, Any, bytes]:
        status, headers, body = batch_get(data)
        if status != 200 or data.get("ReturnConsumedCapacity", "NONE") == "NONE":
            return status, headers, body
        answer = json.loads(body)
        answer["ConsumedCapacity"] = [
            {"TableName": table, "CapacityUnits": _batch_units(wanted, answer["Responses"].get(table, []), size)}
            for table, wanted in data["RequestItems"].items()
        ]
        return dynamodb.json_response(answer)

    dynamodb._add_consumed_capacity = add_consumed_capacity
    dynamodb._batch_get_item = batch_get_item


def _batch_units(wanted: Mapping[str, Any], found: list[Item], size: Any) -> float:
    missing = len(wanted["Keys"]) - len(found)
    return units([*(size(item) for item in found), *[0] * missing], consistent=bool(wanted.get("ConsistentRead")))
