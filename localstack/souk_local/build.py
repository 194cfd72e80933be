"""Builds the functions and lays them out as deployment wants them: target/lambda/<bin>/bootstrap."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

from souk_local import disk
from souk_local.console import Failure, Progress, say, step
from souk_local.places import BOOTSTRAPS, CHECKOUT
from souk_local.running import run

_NEEDED_GB = 7
# Most of a function is made anew and linked at any rate: what Cargo keeps for the next time costs more than it saves.
_ENVIRONMENT = {"CARGO_INCREMENTAL": "0"}


def functions() -> list[str]:
    """The names of all function binaries, from the one place that knows: the manifests."""
    return sorted(target["name"] for package in _packages() for target in package["targets"] if "bin" in target["kind"])


def _packages() -> list[dict[str, Any]]:
    """The services' packages; a crate of tests or tools would only make the build longer."""
    return [package for package in workspace()["packages"] if Path(package["manifest_path"]).parent.parent == CHECKOUT / "functions"]


def workspace() -> dict[str, Any]:
    """What Cargo knows of the workspace."""
    try:
        listing = subprocess.run(
            ["cargo", "metadata", "--no-deps", "--format-version", "1", "--offline"],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise Failure("cargo is not installed", "install Rust from https://rustup.rs") from error
    if listing.returncode != 0:
        raise Failure(f"the workspace does not load: {listing.stderr.strip().splitlines()[-1]}", "mend Cargo.toml")
    described: dict[str, Any] = json.loads(listing.stdout)
    return described


def for_this_machine(only: str | None = None) -> None:
    """Builds in the dev profile and copies what changed: all functions, or those of one service alone."""
    check_linker()
    if is_first():
        disk.check(CHECKOUT, _NEEDED_GB, "a first build")
    names = [name for name in functions() if only is None or name.startswith(f"{only}-")]
    with step(f"building {len(names)} functions") as progress:
        # All packages at any rate, or Cargo would choose other features for what they share and build that twice.
        packages = [word for package in _packages() for word in ("--package", package["name"])]
        bins = ["--bins"] if only is None else [word for name in names for word in ("--bin", name)]
        command = ["cargo", "build", *bins, *packages]
        run(command, "build", progress, verb="cargo", environment=_ENVIRONMENT, next_step="mend it and run this again")
        changed = _lay_out(Path(os.environ.get("CARGO_TARGET_DIR", CHECKOUT / "target")) / "debug", names, progress)
        progress.clear()
        say(f"    {changed} of {len(names)} changed" if changed else "    nothing changed")


def over_it_in_release(names: list[str]) -> None:
    """Builds some functions as for AWS, but for this machine, and lays them out in the place of those from the dev profile."""
    with step(f"building {len(names)} functions in the release profile") as progress:
        wanted = [word for package in _packages() for word in ("--package", package["name"])]
        wanted += [word for name in names for word in ("--bin", name)]
        run(["cargo", "build", "--release", *wanted], "build", progress, verb="cargo", next_step="mend it and run this again")
        _lay_out(Path(os.environ.get("CARGO_TARGET_DIR", CHECKOUT / "target")) / "release", names, progress)


def tool(name: str, package: str) -> Path:
    """Builds a program that is no function. Together with the services, or Cargo would choose other features for what both use and
    build that twice."""
    packages = [word for known in _packages() for word in ("--package", known["name"])]
    with step(f"building {name}") as progress:
        command = ["cargo", "build", "--bin", name, "--package", package, *packages]
        run(command, "build-tools", progress, verb="cargo", environment=_ENVIRONMENT)
    return Path(os.environ.get("CARGO_TARGET_DIR", CHECKOUT / "target")) / "debug" / name


def for_aws(architecture: str) -> None:
    """Builds in the release profile for Lambda's Linux, which needs cargo-lambda for its cross-compiler."""
    if not shutil.which("cargo-lambda"):
        raise Failure("cargo-lambda is not installed", "cargo install cargo-lambda, and Zig as it asks")
    flag = "--arm64" if architecture == "arm64" else "--x86-64"
    with step(f"building {len(functions())} functions for Lambda on {architecture}") as progress:
        run(["cargo", "lambda", "build", "--release", flag], "build", progress, verb="cargo lambda")


def _lay_out(built: Path, names: list[str], progress: Progress) -> int:
    changed = 0
    for name in names:
        source, target = built / name, BOOTSTRAPS / name / "bootstrap"
        if not source.is_file():
            raise Failure(f"cargo built no {name}", "look for its [[bin]] in the service's Cargo.toml")
        if target.is_file() and _stamp(source) == _stamp(target):
            continue
        progress.show(f"laying out {name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".part")
        partial.unlink(missing_ok=True)
        _link(source, partial)
        os.replace(partial, target)
        changed += 1
    return changed


def _link(source: Path, target: Path) -> None:
    """All functions are gigabytes, so they are not copied where they need not be. What Cargo builds next is another file."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


def architecture_of(name: str) -> str:
    """What a built bootstrap runs on, from its own header."""
    path = BOOTSTRAPS / name / "bootstrap"
    if not path.is_file():
        raise Failure(f"the function {name} is not built", "./scripts/build --release")
    with path.open("rb") as file:
        header = file.read(20)
    machines = {0x3E: "x86_64", 0xB7: "arm64"}
    machine = machines.get(int.from_bytes(header[18:20], "little"), "") if header.startswith(b"\x7fELF") else ""
    if not machine:
        raise Failure(f"{path.relative_to(CHECKOUT)} is not a Linux program that Lambda can run", "./scripts/build --release")
    return machine


def check_linker() -> None:
    if shutil.which("cc") or shutil.which("clang") or shutil.which("gcc"):
        return
    fix = "xcode-select --install" if platform.system() == "Darwin" else "install gcc: apt install build-essential, or dnf install gcc"
    raise Failure("there is no C linker, which Rust needs", fix)


def is_first() -> bool:
    """Nothing was built here yet."""
    return not (CHECKOUT / "target").exists()
