"""A slow function behind one stream holds up its own records only."""

from __future__ import annotations

import importlib.util
import threading
import time
import unittest
from types import ModuleType
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import dynamodb

from souk_local import ministack_relays as relays

FAR_BELOW_THE_LONGEST_WAIT = 10.0


def of_its_own(name: str) -> Any:
    spec = importlib.util.find_spec(name)
    assert spec and spec.loader
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Relays(unittest.TestCase):
    def setUp(self) -> None:
        self.emulator = of_its_own("ministack.services.lambda_svc")
        relays.install(self.emulator, dynamodb)
        self.handled: list[tuple[str, list[str]]] = []
        self.held = threading.Event()
        self.emulator._execute_function = self.execute
        self.emulator._get_func_record_for_qualifier = lambda name, _: ({"name": name}, {})
        for name in ("slow", "quick"):
            key = (get_account_id(), get_region(), name)
            arn = f"arn:aws:dynamodb:{key[1]}:{key[0]}:table/{name}/stream/1"
            dynamodb._tables._data[key] = {"LatestStreamArn": arn}
            dynamodb._stream_records._data[key] = []
            mapping = {"UUID": name, "EventSourceArn": arn, "FunctionName": name, "StartingPosition": "TRIM_HORIZON", "BatchSize": 1}
            self.emulator._esms._data[key] = mapping
            self.addCleanup(dynamodb._tables._data.pop, key)
            self.addCleanup(dynamodb._stream_records._data.pop, key)

    def execute(self, function: dict[str, str], event: dict[str, Any]) -> dict[str, Any]:
        if function["name"] == "slow":
            self.held.wait(FAR_BELOW_THE_LONGEST_WAIT)
        self.handled.append((function["name"], [record["eventID"] for record in event["Records"]]))
        return {"body": None}

    def write(self, table: str, *ids: str) -> None:
        dynamodb._stream_records._data[(get_account_id(), get_region(), table)] += [{"eventID": id_, "dynamodb": {}} for id_ in ids]

    def polled_until(self, *expected: tuple[str, list[str]]) -> None:
        end = time.monotonic() + FAR_BELOW_THE_LONGEST_WAIT
        while self.handled != list(expected) and time.monotonic() < end:
            self.emulator._poll_dynamodb_streams()
            time.sleep(0.005)
        self.assertEqual(self.handled, list(expected))

    def test_another_stream_is_read_meanwhile_and_each_in_its_order(self) -> None:
        self.write("slow", "a", "b")
        self.write("quick", "c", "d")
        self.polled_until(("quick", ["c"]), ("quick", ["d"]))
        self.held.set()
        self.polled_until(("quick", ["c"]), ("quick", ["d"]), ("slow", ["a"]), ("slow", ["b"]))

    def test_what_was_read_is_not_read_again(self) -> None:
        self.write("quick", "a")
        self.polled_until(("quick", ["a"]))
        for _ in range(20):
            self.emulator._poll_dynamodb_streams()
            time.sleep(0.002)
        self.assertEqual(self.handled, [("quick", ["a"])])


if __name__ == "__main__":
    unittest.main()
