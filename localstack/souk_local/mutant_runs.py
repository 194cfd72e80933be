"""Runs mutants, within the copy that was made for them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from souk_local import build, mutants, shop, whole_test
from souk_local.console import Failure, say, step
from souk_local.deploy import Deployment
from souk_local.mutants import BROKEN, KILLED, SURVIVED, Applied, Killer, Mutant, Verdict
from souk_local.places import CHECKOUT, LOGS, Place

# A first build takes minutes; a journey that waits in vain gives up by itself long before.
_TIMEOUT_SECONDS = 1800


def run(wanted: Sequence[str]) -> int:
    """Judges the mutants that are wanted; those that a unit test kills come first, for they need no shop."""
    mutants.check_place()
    chosen = mutants.chosen(wanted, mutants.listed())
    quick = [mutant for mutant in chosen if mutant.killer.kind != "journey"]
    slow = [mutant for mutant in chosen if mutant.killer.kind == "journey"]
    verdicts = _judged(quick, Tests())
    if slow:
        with ExitStack() as stack:
            verdicts += _judged(slow, Journeys(stack))
    return mutants.tell(verdicts, CHECKOUT.parent / "report.json")


def _judged(chosen: list[Mutant], runner: Tests) -> list[Verdict]:
    sound = runner.sound([mutant.killer for mutant in chosen])
    verdicts = []
    for mutant in chosen:
        began = time.monotonic()
        try:
            state, detail = runner.judge(mutant) if mutant.killer in sound else (BROKEN, "its test does not pass without it")
        except Failure as failure:
            state, detail = BROKEN, str(failure).splitlines()[0]
        say(f"    {mutant.name}: {state} {detail}".rstrip())
        verdicts.append(Verdict(mutant.name, mutant.breaks, str(mutant.killer), state, detail, round(time.monotonic() - began, 1)))
    return verdicts


class Tests:
    """Unit and contract tests."""

    def sound(self, killers: Sequence[Killer]) -> set[Killer]:
        """Those that pass as long as nothing is broken."""
        groups: dict[tuple[str, ...], list[Killer]] = defaultdict(list)
        for killer in killers:
            groups[self.command(killer)].append(killer)
        passing: set[Killer] = set()
        for command, group in groups.items():
            with step(f"without a mutant: {len(group)} tests by {' '.join(command[:4])}"):
                output = self.execute(command, {killer.test for killer in group})
                passing.update(killer for killer in group if outcome(output, killer.test) == "ok")
        return passing

    def judge(self, mutant: Mutant) -> tuple[str, str]:
        with Applied(mutant):
            return verdict(self.execute(self.command(mutant.killer), {mutant.killer.test}), mutant.killer.test)

    def command(self, killer: Killer) -> tuple[str, ...]:
        target = ("--lib",) if killer.kind == "unit" else ("--test", killer.kind.replace("journey", "journeys"))
        return ("cargo", "test", "--package", killer.package, *target)

    def execute(self, command: Sequence[str], tests: set[str], environment: Mapping[str, str] | None = None) -> str:
        return output_of([*command, "--", "--exact", *sorted(tests)], environment or {})


class Journeys(Tests):
    """Journeys, on a shop of their own in which a mutant's services are deployed anew."""

    def __init__(self, stack: ExitStack) -> None:
        self._place = Place("mutants")
        self._shop = stack.enter_context(whole_test.fresh_shop(self._place))
        self._spoiled: set[str] = set()

    def judge(self, mutant: Mutant) -> tuple[str, str]:
        with Applied(mutant):
            self._deploy(mutant.killer.services)
            return verdict(self.execute(self.command(mutant.killer), {mutant.killer.test}), mutant.killer.test)

    def execute(self, command: Sequence[str], tests: set[str], environment: Mapping[str, str] | None = None) -> str:
        known = self._shop
        return super().execute(command, tests, shop.variables(self._place, known.clients, known.api_url, known.sandbox.url))

    def _deploy(self, services: Sequence[str]) -> None:
        """With what the mutant before has spoiled."""
        parameters = {"StripeApiUrl": self._shop.sandbox.url, **whole_test.parameters()}
        for service in sorted({*services, *self._spoiled}):
            build.for_this_machine(service)
            Deployment(self._place, self._shop.clients, parameters).service(service)
        self._spoiled = set(services)


def verdict(output: str, test: str) -> tuple[str, str]:
    found = outcome(output, test)
    if found == "FAILED":
        return KILLED, ""
    if found == "ok":
        return SURVIVED, "the test passes all the same"
    error = re.search(r"^error.*$", output, re.MULTILINE)
    return BROKEN, error.group() if error else "the test gave no verdict"


def outcome(output: str, test: str) -> str:
    """`ok`, `FAILED`, or nothing if the test did not run to its end."""
    found = re.search(rf"^test {re.escape(test)}(?: - should panic)? \.\.\. (ok|FAILED)$", output, re.MULTILINE)
    return found.group(1) if found else ""


def output_of(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """What a command says, however it ends; the log has it as well."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / "mutants.log"
    with path.open("w+") as output:
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "CARGO_TERM_COLOR": "never", **environment},
            # Cargo starts the test: whoever is stopped, is stopped with all that it started.
            start_new_session=True,
        )
        try:
            process.wait(_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            return f"error: no answer within {_TIMEOUT_SECONDS} s\n"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    return path.read_text(errors="replace")
