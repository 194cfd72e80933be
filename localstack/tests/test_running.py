"""How other programs are run, and what is told of them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from souk_local import running
from souk_local.console import Failure, Progress

FAILS = [sys.executable, "-c", "print('error: that is wrong'); raise SystemExit(1)"]
SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]
STARTS_ANOTHER = [sys.executable, "-c", f"import subprocess; other = subprocess.Popen({SLEEPS}); print(other.pid, flush=True); other.wait()"]
SAYS = [sys.executable, "-c", "import os; print('done', os.nice(0))"]
AUTOGROUP = Path("/proc/self/autogroup")


class RunningTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.logs = Path(folder.name)
        for patch in (mock.patch.object(running, "LOGS", self.logs), mock.patch.object(running, "CHECKOUT", self.logs)):
            patch.start()
            self.addCleanup(patch.stop)
        said = mock.patch("souk_local.console.say")
        said.start()
        self.addCleanup(said.stop)

    def test_a_failure_tells_the_telling_line_and_where_the_rest_is(self) -> None:
        with self.assertRaises(Failure) as failed:
            running.run(FAILS, "some", Progress(), next_step="do better")
        self.assertIn("error: that is wrong", str(failed.exception))
        self.assertEqual(failed.exception.next_step, "read some.log; do better")

    def test_what_runs_beside_is_waited_for_at_the_end_and_yields_to_everybody(self) -> None:
        with running.beside("some", SAYS, "some"):
            pass
        self.assertEqual((self.logs / "some.log").read_text(), "done 19\n")

    @unittest.skipUnless(AUTOGROUP.exists(), "only Linux shares by sessions")
    def test_its_session_yields_to_other_sessions(self) -> None:
        with running.beside("some", ["cat", str(AUTOGROUP)], "some"):
            pass
        self.assertIn("nice 19", (self.logs / "some.log").read_text())

    def test_a_failure_beside_is_one_at_the_end(self) -> None:
        went_on = False
        with self.assertRaises(Failure):
            with running.beside("some", FAILS, "some"):
                went_on = True
        self.assertTrue(went_on)

    def test_what_runs_beside_ends_when_the_rest_fails(self) -> None:
        began = time.monotonic()
        with self.assertRaises(ZeroDivisionError):
            with running.beside("some", SLEEPS, "some"):
                raise ZeroDivisionError
        self.assertLess(time.monotonic() - began, 30)

    def test_what_it_had_started_ends_with_it(self) -> None:
        with self.assertRaises(ZeroDivisionError):
            with running.beside("some", STARTS_ANOTHER, "some"):
                other = int(until(self.logs / "some.log"))
                raise ZeroDivisionError
        end = time.monotonic() + 30
        while lives(other) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertFalse(lives(other))


def until(said: Path) -> str:
    while not (text := said.read_text()).endswith("\n"):
        time.sleep(0.01)
    return text


def lives(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state) and not state.startswith("Z")


if __name__ == "__main__":
    unittest.main()
