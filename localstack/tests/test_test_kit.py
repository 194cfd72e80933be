"""The test kit is found where it runs, and nowhere else."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from souk_local import processes, test_kit
from souk_local.places import Place, Running


class TestKitTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Place("kit")
        self.place.folder = Path(folder.name)

    def test_a_shop_without_the_kit_tells_of_none(self) -> None:
        self.assertEqual(test_kit.variables(self.place), {})

    def test_another_program_with_the_proxys_old_number_is_not_the_proxy(self) -> None:
        self.place.record("dynamodb-proxy", Running(os.getpid(), 4567))
        self.assertEqual(test_kit.variables(self.place), {})

    def test_tests_are_told_where_the_kit_is(self) -> None:
        self.place.record("dynamodb-proxy", Running(os.getpid(), 4567))
        with mock.patch.object(processes, "is_ours", return_value=True):
            told = test_kit.variables(self.place)
        self.assertEqual(told["SOUK_DYNAMODB_PROXY_URL"], "http://127.0.0.1:4567")
        self.assertEqual(told["SOUK_FAILPOINTS"], str(self.place.folder / "failpoints"))


if __name__ == "__main__":
    unittest.main()
