"""What a change must pass before it is worth a review: no emulator, no network once the tools are there."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from souk_local.console import Failure, Progress, say, step
from souk_local.places import CHECKOUT, LOGS, SOUK
from souk_local.running import beside, run

_TOOLS = SOUK / "tools"
_BESIDE_PYTHON = str(Path(sys.executable).parent)
_CARGO_TOOLS = {"cargo-deny": "0.20.2", "cargo-shear": "1.14.0", "cargo-mutants": "27.1.0"}


def check() -> None:
    _one_by_one(("formatting", _formatting), ("clippy", _clippy))
    _all_but_lints()


@contextmanager
def checked() -> Iterator[None]:
    """Checks before the block is worked on, but for clippy: it has a core whenever nobody else wants it, and is waited for at the end."""
    _one_by_one(("formatting", _formatting))
    with beside("clippy", _lints("--jobs", "1"), "clippy"):
        _all_but_lints()
        yield


def _all_but_lints() -> None:
    _one_by_one(
        ("dependencies: licences, sources, duplicates", _dependencies),
        ("dependencies and files: unused", _unused),
        ("spelling", _spelling),
        ("templates", _templates),
        ("scripts", _scripts),
        ("unit and contract tests", _tests),
    )


def _one_by_one(*checks: tuple[str, Callable[[Progress], None]]) -> None:
    for title, work in checks:
        with step(title) as progress:
            work(progress)


def test_command(*targets: str) -> list[str]:
    """nextest runs test binaries side by side; the plain runner does as well, only slower."""
    nextest = shutil.which("cargo-nextest") or shutil.which("cargo-nextest", path=_BESIDE_PYTHON)
    if nextest:
        return [nextest, "nextest", "run", "--profile", "ci", *targets]
    return ["cargo", "test", "--no-fail-fast", *targets]


def _formatting(progress: Progress) -> None:
    run(["cargo", "fmt", "--all", "--check"], "fmt", progress, next_step="cargo fmt --all")


def _clippy(progress: Progress) -> None:
    run(_lints(), "clippy", progress)


def _lints(*options: str) -> list[str]:
    """In a folder of its own, for builds would wait for it and could use nothing of it. `--all-targets` would look at each function twice."""
    folder, targets = str(CHECKOUT / "target" / "lints"), ("--lib", "--bins", "--tests", "--examples")
    return ["cargo", "clippy", "--target-dir", folder, "--workspace", *targets, *options, "--", "-D", "warnings"]


def _dependencies(progress: Progress) -> None:
    run([tool("cargo-deny", progress), "check", "bans", "licenses", "sources"], "deny", progress)
    try:
        run([tool("cargo-deny", progress), "check", "advisories"], "advisories", progress)
    except Failure:
        if "failed to fetch advisory database" not in (LOGS / "advisories.log").read_text():
            raise
        say("    the advisory database could not be reached: advisories were not checked")


def _unused(progress: Progress) -> None:
    run([tool("cargo-shear", progress), "--deny-warnings"], "shear", progress, next_step="remove what it names")


def _spelling(progress: Progress) -> None:
    run([_beside_python("typos")], "typos", progress, next_step="mend the word, or allow it in _typos.toml")


def _templates(progress: Progress) -> None:
    templates = [CHECKOUT / "template.yaml", *sorted((CHECKOUT / "functions").glob("*/template.yaml"))]
    run([_beside_python("cfn-lint"), *(str(path.relative_to(CHECKOUT)) for path in templates)], "cfn-lint", progress)


def _scripts(progress: Progress) -> None:
    run([_beside_python("ruff"), "check", "localstack"], "ruff", progress)
    scripts = [str(path) for path in sorted((CHECKOUT / "scripts").iterdir()) if path.is_file()]
    run([_beside_python("shellcheck"), "-x", *scripts], "shellcheck", progress)
    tests = CHECKOUT / "localstack" / "tests"
    if any(tests.glob("test_*.py")):
        run([sys.executable, "-m", "unittest", "discover", "-s", str(tests)], "python-tests", progress, environment={"PYTHONPATH": str(tests.parent)})


def _tests(progress: Progress) -> None:
    run(test_command("--workspace", "--lib", "--test", "contract"), "unit", progress, verb="tests")


def histories() -> None:
    """A minute of random histories of the pure state machines: too long for every change."""
    with step("ten thousand histories") as progress:
        run(test_command("--package", "e2e", "--test", "histories"), "histories", progress)


def _beside_python(name: str) -> str:
    return str(Path(_BESIDE_PYTHON) / name)


def tool(name: str, progress: Progress) -> str:
    """A cargo tool: the ready-built one, the caller's own, or one built once into .souk/tools."""
    found = shutil.which(name, path=_BESIDE_PYTHON) or shutil.which(name) or shutil.which(name, path=str(_TOOLS / "bin"))
    if found:
        return found
    progress.show(f"building {name} once")
    run(
        ["cargo", "install", "--locked", "--quiet", "--root", str(_TOOLS), f"{name}@{_CARGO_TOOLS[name]}"],
        f"install-{name}",
        progress,
        verb=f"building {name} once",
        environment={"CARGO_TARGET_DIR": str(_TOOLS / "target")},
        next_step="this step needs the network once",
    )
    shutil.rmtree(_TOOLS / "target", ignore_errors=True)
    return str(_TOOLS / "bin" / name)
