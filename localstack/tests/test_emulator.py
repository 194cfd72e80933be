"""The local data survives what happens to a laptop."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from souk_local import emulator, processes
from souk_local.console import Failure
from souk_local.places import Place, Running


class LocalData(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        patched = mock.patch("souk_local.places.SOUK", Path(folder.name))
        patched.start()
        self.addCleanup(patched.stop)
        self.place = Place("local")
        self.place.state.mkdir(parents=True)

    def test_data_moves_to_another_port_with_all_its_addresses(self) -> None:
        state = self.place.state / "sqs.json"
        state.write_text('["http://localhost:4566/q", "http://127.0.0.1:4566/b/k", "http://127.0.0.1:45660/", "x:4566"]')
        emulator._move(self.place, 4566, 4600)
        self.assertEqual(state.read_text(), '["http://localhost:4600/q", "http://127.0.0.1:4600/b/k", "http://127.0.0.1:45660/", "x:4566"]')

    def test_data_of_another_emulator_version_is_refused_with_the_way_out(self) -> None:
        (self.place.state / "VERSION").write_text("0.1")
        with self.assertRaises(Failure) as raised:
            emulator._check_state_version(self.place)
        self.assertIn("./scripts/reset", raised.exception.next_step)

    def test_a_taken_port_is_refused_with_a_free_one(self) -> None:
        with mock.patch.object(processes, "is_free", return_value=False), mock.patch.object(emulator.time, "sleep"):
            with mock.patch.object(emulator.time, "monotonic", side_effect=[0.0, 1.0, 4.0]), self.assertRaises(Failure) as raised:
                emulator._check_port(4566)
        self.assertRegex(raised.exception.next_step, r"--port \d+")

    def test_a_process_id_that_somebody_else_has_now_is_not_ours(self) -> None:
        self.place.record("emulator", Running(os.getpid(), 4566))
        self.assertIsNone(emulator.current(self.place))


if __name__ == "__main__":
    unittest.main()
