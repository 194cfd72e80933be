"""What the local DynamoDB says a read consumed is what AWS would say."""

from __future__ import annotations

import json
import unittest
from types import SimpleNamespace
from typing import Any

from souk_local import ministack_capacity
from souk_local.ministack_capacity import units


class ReadUnits(unittest.TestCase):
    def test_each_item_of_a_batch_is_rounded_up_on_its_own(self) -> None:
        self.assertEqual(units([10, 4096, 4097], consistent=True), 4.0)

    def test_a_row_that_is_not_there_costs_as_much_as_a_small_one(self) -> None:
        self.assertEqual(units([0], consistent=True), 1.0)

    def test_an_eventually_consistent_read_costs_half(self) -> None:
        self.assertEqual(units([5000], consistent=False), 1.0)
        self.assertEqual(units([10], consistent=False), 0.5)


class Mended(unittest.TestCase):
    """The emulator's DynamoDB as its own module is made: flat prices, and batches that say nothing."""

    def setUp(self) -> None:
        def add(result: dict[str, Any], data: dict[str, Any], table: str, write: bool = False, **_: Any) -> None:
            if data.get("ReturnConsumedCapacity"):
                result["ConsumedCapacity"] = {"TableName": table, "CapacityUnits": 7.0 if write else 0.5}

        def batch_get(_: dict[str, Any]) -> tuple[int, Any, bytes]:
            return 200, {}, json.dumps({"Responses": {"t": [{"a": "x" * 5000}]}, "UnprocessedKeys": {}}).encode()

        self.dynamodb = SimpleNamespace(
            _add_consumed_capacity=add,
            _batch_get_item=batch_get,
            _item_size_bytes=lambda item: sum(len(value) for value in item.values()),
            json_response=lambda answer: (200, {}, json.dumps(answer).encode()),
        )
        ministack_capacity.install(self.dynamodb)

    def consumed(self, result: dict[str, Any], **data: Any) -> float:
        self.dynamodb._add_consumed_capacity(result, {"ReturnConsumedCapacity": "TOTAL", **data}, "t")
        return float(result["ConsumedCapacity"]["CapacityUnits"])

    def test_a_query_costs_what_it_reads_rounded_up_once(self) -> None:
        self.assertEqual(self.consumed({"Items": [{"a": "x" * 1000}] * 5}), 1.0)
        self.assertEqual(self.consumed({"Items": [{"a": "x" * 1000}] * 500}, ConsistentRead=True), 123.0)
        self.assertEqual(self.consumed({"Items": []}), 0.5)

    def test_a_read_of_one_row_costs_its_size(self) -> None:
        self.assertEqual(self.consumed({"Item": {"a": "x" * 9000}}, ConsistentRead=True), 3.0)
        self.assertEqual(self.consumed({}, ConsistentRead=True), 1.0)

    def test_writes_are_left_as_they_were(self) -> None:
        result: dict[str, Any] = {}
        self.dynamodb._add_consumed_capacity(result, {"ReturnConsumedCapacity": "TOTAL"}, "t", write=True)
        self.assertEqual(result["ConsumedCapacity"]["CapacityUnits"], 7.0)

    def test_a_batch_says_what_each_table_gave(self) -> None:
        request = {"RequestItems": {"t": {"Keys": [{}, {}], "ConsistentRead": True}}}
        _, _, quiet = self.dynamodb._batch_get_item(request)
        self.assertNotIn("ConsumedCapacity", json.loads(quiet))
        _, _, told = self.dynamodb._batch_get_item({**request, "ReturnConsumedCapacity": "TOTAL"})
        self.assertEqual(json.loads(told)["ConsumedCapacity"], [{"TableName": "t", "CapacityUnits": 3.0}])


if __name__ == "__main__":
    unittest.main()
