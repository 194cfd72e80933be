"""How built functions get to where deployment looks for them."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from souk_local import build
from souk_local.console import Progress

NAME = "orders-quote"


class LayingOut(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.built, bootstraps = Path(folder.name) / "debug", Path(folder.name) / "lambda"
        self.built.mkdir()
        self.laid_out = bootstraps / NAME / "bootstrap"
        patch = mock.patch.object(build, "BOOTSTRAPS", bootstraps)
        patch.start()
        self.addCleanup(patch.stop)

    def builds(self, text: str) -> None:
        """As a linker does: another file, under the same name."""
        (self.built / NAME).unlink(missing_ok=True)
        (self.built / NAME).write_text(text)

    def lay_out(self) -> int:
        return build._lay_out(self.built, [NAME], Progress())

    def test_what_changed_is_laid_out_and_takes_no_room(self) -> None:
        self.builds("one")
        self.assertEqual((self.lay_out(), self.lay_out()), (1, 0))
        self.assertTrue(os.path.samefile(self.built / NAME, self.laid_out))

    def test_what_is_laid_out_stays_as_it_is_until_the_next_time(self) -> None:
        self.builds("one")
        self.lay_out()
        self.builds("another")
        self.assertEqual(self.laid_out.read_text(), "one")
        self.assertEqual(self.lay_out(), 1)
        self.assertEqual(self.laid_out.read_text(), "another")

    def test_on_another_disk_it_is_copied(self) -> None:
        self.builds("one")
        with mock.patch("os.link", side_effect=OSError):
            self.lay_out()
        self.assertEqual(self.laid_out.read_text(), "one")
        self.assertEqual(self.lay_out(), 0)


if __name__ == "__main__":
    unittest.main()
