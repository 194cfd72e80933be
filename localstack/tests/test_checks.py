"""In what order a change is checked."""

from __future__ import annotations

import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from souk_local import checks


class Order(unittest.TestCase):
    def setUp(self) -> None:
        self.order: list[str] = []

        @contextmanager
        def beside(title: str, command: list[str], log: str) -> Iterator[None]:
            self.order.append(f"{log} begins")
            yield
            self.order.append(f"{log} is judged")

        def run(command: list[str], log: str, progress: Any, **_: Any) -> None:
            self.order.append(log)

        tools = mock.patch.object(checks, "tool", lambda name, progress: name)
        for patch in (mock.patch.object(checks, "run", run), mock.patch.object(checks, "beside", beside), tools, mock.patch("souk_local.console.say")):
            patch.start()
            self.addCleanup(patch.stop)

    def test_whoever_only_checks_hears_of_lints_before_anything_is_built(self) -> None:
        checks.check()
        self.assertEqual((self.order[:2], self.order[-1]), (["fmt", "clippy"], "unit"))

    def test_before_journeys_all_is_checked_but_lints_which_are_judged_after_them(self) -> None:
        with checks.checked():
            self.order.append("journeys")
        self.assertEqual(self.order[:2], ["fmt", "clippy begins"])
        self.assertEqual(self.order[-3:], ["unit", "journeys", "clippy is judged"])


if __name__ == "__main__":
    unittest.main()
