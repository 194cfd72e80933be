"""Does a test notice? Each mutant is a small patch that breaks one promise, with the test that must fail for it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from souk_local import checks
from souk_local.console import Failure, Progress, duration, say
from souk_local.places import CHECKOUT, SERVICES, SOUK

FOLDER = CHECKOUT / "shared" / "e2e" / "mutants"
HOME = SOUK / "mutants"
COPY = HOME / "checkout"

_HEADER = re.compile(r"(?P<name>Name|Breaks|Killed by): (?P<value>.+)")
_KILLER = re.compile(r"unit (?P<package>\S+) (?P<unit>\S+)|contract (?P<contract>\S+)|journey (?P<journey>\S+) service (?P<services>\S+( and \S+)*)")

KILLED, SURVIVED, BROKEN = "killed", "SURVIVED", "BROKEN"


@dataclass(frozen=True)
class Killer:
    """The test that must fail, where it is, and for a journey what has to be deployed anew before."""

    kind: str
    package: str
    test: str
    services: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.package} {self.test}" if self.kind == "unit" else f"{self.kind} {self.test}"


@dataclass(frozen=True)
class Mutant:
    """One patch of the list."""

    path: Path
    name: str
    breaks: str
    killer: Killer


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    mutant: str
    breaks: str
    killer: str
    state: str
    detail: str
    seconds: float


def listed(folder: Path = FOLDER) -> list[Mutant]:
    return [parsed(path) for path in sorted(folder.glob("*.patch"))]


def parsed(path: Path) -> Mutant:
    head, _, patch = path.read_text().partition("\ndiff --git ")
    fields = {match["name"]: match["value"].strip() for match in _HEADER.finditer(head)}
    killer = _KILLER.fullmatch(fields.get("Killed by", ""))
    if not patch or len(fields) != 3 or killer is None:
        form = "Killed by: unit <package> <test>, contract <test>, or journey <test> service <service> [and <service>]"
        raise Failure(f"{path.name} has no header, or no patch below it", f"a mutant begins with Name:, Breaks: and {form}")
    return Mutant(path, fields["Name"], fields["Breaks"], _killer(killer, path))


def _killer(match: re.Match[str], path: Path) -> Killer:
    if match["unit"]:
        return Killer("unit", match["package"], match["unit"])
    if match["contract"]:
        return Killer("contract", "e2e", match["contract"])
    services = tuple(match["services"].split(" and "))
    unknown = [service for service in services if service not in SERVICES]
    if unknown:
        raise Failure(f"{path.name} deploys {unknown[0]!r}", f"a service is one of {', '.join(SERVICES)}")
    return Killer("journey", "e2e", match["journey"], services)


def chosen(wanted: Iterable[str], mutants: list[Mutant]) -> list[Mutant]:
    """Those whose file or name has one of the words; all without words."""
    words = list(wanted)
    found = [mutant for mutant in mutants if not words or any(word in mutant.path.stem or word in mutant.name for word in words)]
    if not found:
        raise Failure(f"no mutant is called {' or '.join(words)}", f"they are in {FOLDER.relative_to(CHECKOUT)}")
    return found


def show(mutants: list[Mutant]) -> None:
    for mutant in mutants:
        say(f"  {mutant.name}: {mutant.breaks}\n      killed by {mutant.killer}")


def by_cargo(files: list[str]) -> int:
    """Every small change of what .cargo/mutants.toml names, or of some files of that: functions answer something else, operators swap."""
    program = Path(checks.tool("cargo-mutants", Progress()))
    chosen = [word for file in files for word in ("--file", file)]
    command = [str(program), "mutants", "--output", str(HOME), "--jobs", "2", "--no-shuffle", *chosen]
    HOME.mkdir(parents=True, exist_ok=True)
    status = subprocess.run(command, cwd=CHECKOUT, check=False).returncode
    if status != 0:
        missed = HOME.relative_to(CHECKOUT) / "mutants.out" / "missed.txt"
        raise Failure("cargo-mutants ended with survivors", f"{missed} lists them; docs/mutants.md explains those that may live")
    return 0


def run_on_a_copy(arguments: list[str]) -> int:
    """Runs the mutants in a copy of the checkout with a target folder of its own.

    Cargo names what it builds by the path within the workspace, so a shared target folder would hand a mutant to the checkout.
    """
    mutants = listed()
    synchronise(COPY)
    say(f"{len(mutants)} mutants; they live and die in {COPY.relative_to(CHECKOUT)}")
    environment = {**os.environ, "PYTHONPATH": str(COPY / "localstack")}
    # The copy builds for itself, whatever the caller's shell says.
    for name in ("CARGO_TARGET_DIR", "AWS_ENDPOINT_URL"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "souk_local", "mutants", "--here", *arguments]
    return subprocess.run(command, cwd=COPY, env=environment, check=False).returncode


def synchronise(copy: Path) -> None:
    """Makes the copy equal to the checkout. What differs gets a new time, for Cargo builds what is newer than its last build."""
    listing = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=CHECKOUT, capture_output=True, check=True).stdout
    wanted = {name for name in listing.decode().split("\0") if name and (CHECKOUT / name).is_file()}
    for name in sorted(wanted):
        source, target = CHECKOUT / name, copy / name
        content = source.read_bytes()
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        target.chmod(source.stat().st_mode & 0o777)
    for folder, folders, files in os.walk(copy):
        folders[:] = [name for name in folders if (Path(folder) / name).relative_to(copy).parts[0] not in (".souk", "target")]
        for file in files:
            path = Path(folder) / file
            if str(path.relative_to(copy)) not in wanted:
                path.unlink()


def check_place() -> None:
    """Mutants are never applied to a checkout that somebody works in."""
    if (CHECKOUT.parent.name, CHECKOUT.name) != (HOME.name, COPY.name):
        raise Failure("this is not a copy made for mutants", "run ./scripts/mutants without --here")


class Applied:
    """A patch in the copy, taken back whatever happens; the next run begins with a copy made good anyway."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def __enter__(self) -> None:
        self._git_apply()

    def __exit__(self, *_: object) -> None:
        self._git_apply("--reverse")
        # What git writes may get a time that Cargo has seen already.
        for name in changed_files(self._mutant):
            os.utime(CHECKOUT / name)

    def _git_apply(self, *options: str) -> None:
        # Without a repository in sight, git takes the paths as they are.
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(CHECKOUT.parent)}
        command = ["git", "apply", *options, str(self._mutant.path)]
        applied = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
        if applied.returncode != 0:
            reason = applied.stderr.strip().splitlines()[0]
            raise Failure(f"{self._mutant.path.name} does not apply any more: {reason}", "make the patch anew against the code as it is now")


def changed_files(mutant: Mutant) -> list[str]:
    return re.findall(r"^\+\+\+ b/(\S+)", mutant.path.read_text(), re.MULTILINE)


def tell(verdicts: list[Verdict], report: Path) -> int:
    """Prints a table, writes it as JSON. Answers the exit status."""
    width = max(len(verdict.mutant) for verdict in verdicts)
    say("")
    for verdict in verdicts:
        detail = f"  {verdict.detail}" if verdict.detail else ""
        say(f"  {verdict.mutant:<{width}}  {verdict.state:<8}  {verdict.killer}  {duration(verdict.seconds)}{detail}")
    report.write_text(json.dumps([asdict(verdict) for verdict in verdicts], indent=2) + "\n")
    killed = sum(verdict.state == KILLED for verdict in verdicts)
    say(f"\n  {killed} of {len(verdicts)} mutants killed; {report}")
    return 0 if killed == len(verdicts) else 1
