"""The list of mutants is sound, and a verdict is about the named test and nothing else."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

from souk_local import mutant_runs, mutants
from souk_local.console import Failure
from souk_local.mutants import BROKEN, KILLED, SURVIVED, Applied, Killer
from souk_local.places import CHECKOUT

PATCH = """Name: greeting
Breaks: Nobody is greeted.
Killed by: unit kernel tests::everybody_is_greeted

diff --git a/src/hello.txt b/src/hello.txt
--- a/src/hello.txt
+++ b/src/hello.txt
@@ -1,1 +1,1 @@
-hello
+goodbye
"""


class InAFolder(unittest.TestCase):
    def setUp(self) -> None:
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = Path(made.name)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


class TheList(unittest.TestCase):
    def test_there_are_at_least_fifteen_each_with_a_name_of_its_own(self) -> None:
        listed = mutants.listed()
        self.assertGreaterEqual(len({mutant.name for mutant in listed}), 15)
        self.assertEqual(len({mutant.name for mutant in listed}), len(listed))

    def test_every_patch_applies_to_the_code_as_it_is(self) -> None:
        for mutant in mutants.listed():
            with self.subTest(mutant.path.name):
                checked = subprocess.run(["git", "apply", "--check", str(mutant.path)], cwd=CHECKOUT, capture_output=True, text=True, check=False)
                self.assertEqual(checked.stderr, "", "change the code by hand, and put the new `git diff` below the header")

    def test_every_killer_is_a_test_that_exists(self) -> None:
        for mutant in mutants.listed():
            with self.subTest(mutant.path.name):
                function = mutant.killer.test.rpartition("::")[2]
                sources = (CHECKOUT / "shared" / "e2e" / "tests").rglob("*.rs")
                if mutant.killer.kind == "unit":
                    sources = (path for path in CHECKOUT.glob(f"*/{mutant.killer.package}/src/**/*.rs"))
                self.assertTrue(any(re.search(rf"fn {function}\b", path.read_text()) for path in sources), mutant.killer.test)


class Reading(InAFolder):
    def test_a_patch_says_what_it_breaks_and_who_notices(self) -> None:
        mutant = mutants.parsed(self.write("greeting.patch", PATCH))
        self.assertEqual((mutant.name, mutant.breaks), ("greeting", "Nobody is greeted."))
        self.assertEqual(mutant.killer, Killer("unit", "kernel", "tests::everybody_is_greeted"))

    def test_a_journey_names_what_to_deploy(self) -> None:
        text = PATCH.replace("unit kernel tests::everybody_is_greeted", "journey hello::greeted service orders and catalog")
        self.assertEqual(mutants.parsed(self.write("a.patch", text)).killer, Killer("journey", "e2e", "hello::greeted", ("orders", "catalog")))

    def test_what_cannot_be_read_is_refused_with_the_form(self) -> None:
        killer = "unit kernel tests::everybody_is_greeted"
        for old, new in (("Breaks:", "Brakes:"), (killer, "everybody_is_greeted"), ("diff --git", "diff"), (killer, "journey hello service hello")):
            with self.subTest(new), self.assertRaises(Failure):
                mutants.parsed(self.write("a.patch", PATCH.replace(old, new)))

    def test_words_choose_among_them(self) -> None:
        listed = [mutants.parsed(self.write("greeting.patch", PATCH))]
        self.assertEqual(mutants.chosen(["greet"], listed), listed)
        with self.assertRaises(Failure):
            mutants.chosen(["stock"], listed)


class Applying(InAFolder):
    def setUp(self) -> None:
        super().setUp()
        self.hello = self.write("src/hello.txt", "hello\n")
        self.mutant = mutants.parsed(self.write("greeting.patch", PATCH))
        patched = mock.patch.object(mutants, "CHECKOUT", self.folder)
        patched.start()
        self.addCleanup(patched.stop)

    def test_a_patch_is_taken_back_whatever_happens(self) -> None:
        with self.assertRaises(KeyError), Applied(self.mutant):
            self.assertEqual(self.hello.read_text(), "goodbye\n")
            raise KeyError
        self.assertEqual(self.hello.read_text(), "hello\n")

    def test_a_patch_that_no_longer_applies_says_so(self) -> None:
        self.hello.write_text("good morning\n")
        with self.assertRaises(Failure) as raised, Applied(self.mutant):
            self.fail("it was applied")
        self.assertIn("greeting.patch does not apply any more", str(raised.exception))

    def test_a_copy_is_made_good_and_only_what_differs_gets_a_new_time(self) -> None:
        subprocess.run(["git", "init", "--quiet"], cwd=self.folder, check=True)
        copy = self.folder.with_name(f"{self.folder.name}-copy")
        self.addCleanup(shutil.rmtree, copy, ignore_errors=True)
        mutants.synchronise(copy)
        (copy / "target").mkdir()
        (copy / "target" / "built").write_text("")
        (copy / "src" / "left.txt").write_text("")
        before = (copy / "greeting.patch").stat().st_mtime_ns
        (copy / "src" / "hello.txt").write_text("goodbye\n")
        mutants.synchronise(copy)
        self.assertEqual((copy / "src" / "hello.txt").read_text(), "hello\n")
        self.assertEqual((copy / "greeting.patch").stat().st_mtime_ns, before)
        self.assertEqual(sorted(path.name for path in copy.rglob("*") if path.is_file()), ["built", "greeting.patch", "hello.txt"])

    def test_a_checkout_that_people_work_in_is_never_patched(self) -> None:
        with self.assertRaises(Failure):
            mutants.check_place()


class Verdicts(InAFolder):
    def test_only_the_failure_of_the_named_test_kills(self) -> None:
        for output, state in (
            ("test a::b ... FAILED\ntest result: FAILED.", KILLED),
            ("test a::b ... ok\n", SURVIVED),
            ("test a::bc ... FAILED\n", BROKEN),
            ("error[E0425]: cannot find value\n", BROKEN),
            ("running 0 tests\n", BROKEN),
        ):
            self.assertEqual(mutant_runs.verdict(output, "a::b")[0], state, output)

    def test_what_does_not_compile_says_so(self) -> None:
        self.assertEqual(mutant_runs.verdict("warning: x\nerror[E0425]: cannot find value\n", "a::b")[1], "error[E0425]: cannot find value")

    def test_a_test_that_fails_without_the_mutant_proves_nothing(self) -> None:
        mutant = mutants.parsed(self.write("greeting.patch", PATCH))
        runner = mutant_runs.Tests()
        with mock.patch.object(mutant_runs, "output_of", return_value="test tests::everybody_is_greeted ... FAILED\n"):
            with redirect_stdout(io.StringIO()):
                verdicts = mutant_runs._judged([mutant], runner)
        self.assertEqual([(verdict.state, verdict.detail) for verdict in verdicts], [(BROKEN, "its test does not pass without it")])

    def test_all_must_be_killed(self) -> None:
        report = self.folder / "report.json"
        killed = mutants.Verdict("a", "b", "unit k t", KILLED, "", 1.0)
        with redirect_stdout(io.StringIO()):
            self.assertEqual(mutants.tell([killed], report), 0)
            for state in (SURVIVED, BROKEN):
                self.assertEqual(mutants.tell([killed, mutants.Verdict("c", "d", "unit k t", state, "why", 2.0)], report), 1)
        self.assertEqual([row["state"] for row in json.loads(report.read_text())], [KILLED, BROKEN])


if __name__ == "__main__":
    unittest.main()
