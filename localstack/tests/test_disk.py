"""Room on the disk."""

from __future__ import annotations

import unittest
from pathlib import Path
from unittest import mock

from souk_local import disk
from souk_local.console import Failure


class Room(unittest.TestCase):
    def check(self, free: int) -> None:
        with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=free)):
            disk.check(Path("anywhere"), 8, "a first build")

    def test_enough_is_enough(self) -> None:
        self.check(8_000_000_000)

    def test_too_little_is_said_before_work_begins(self) -> None:
        with self.assertRaisesRegex(Failure, "only 7.9 GB of disk are free, a first build needs 8"):
            self.check(7_999_999_999)


if __name__ == "__main__":
    unittest.main()
