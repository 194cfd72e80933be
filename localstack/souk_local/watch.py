"""The API served by `cargo lambda watch`: the functions as processes of this machine, from the sources, at the running shop."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from souk_local import build, people, processes, watch_smoke
from souk_local.clients import LOCAL_REGION, ClientError, Clients, code_of
from souk_local.console import Failure, say, step
from souk_local.places import CHECKOUT, LOGS, SOUK, Place
from souk_local.running import run

DEFAULT_PORT = 9000
# Apart from what is deployed, which is built without the feature `local`.
TARGET = CHECKOUT / "target" / "watch"
_FEATURES = ("--features", "local")
_SETTINGS = "functions-settings.json"
_LOG = LOGS / "watch.log"


def serve(place: Place, port: int | None) -> None:
    """Serves until it is interrupted. The functions' logs go to the terminal."""
    settings = _prepare(place)
    with _watching(port or DEFAULT_PORT, settings, None) as (process, url):
        say(f"\nServing {url} at the shop {place.environment!r}. Try {url}/products")
        say("  a function starts with its first request, and anew after a change; Ctrl-C stops")
        if process.wait() != 0:
            raise Failure("cargo lambda watch ended", "its last lines say why")


def smoke(place: Place, port: int | None) -> None:
    """Serves for the length of a purchase up to the placed order, and of a few refusals."""
    settings = _prepare(place)
    with _LOG.open("w") as log, _watching(port or processes.free_port(), settings, log, "--ignore-changes") as (_, url):
        with step(f"buying at {url}, the first request to a function starts it"):
            watch_smoke.run(url, people.demo_people(place)["shopper"], lambda text: say(f"    {text}"))
    say("\nOK: cargo lambda watch serves the purchase up to the placed order.")


def write_settings(place: Place) -> None:
    """Writes what the functions run with as `sam local` reads it."""
    _, settings = _settings(place, {})
    place.write(_SETTINGS, json.dumps({"Parameters": settings}, indent=2))
    say(f"    written to {(place.folder / _SETTINGS).relative_to(CHECKOUT)}, for sam local --env-vars")


def _prepare(place: Place) -> dict[str, str]:
    """Builds what is served, and answers the environment it runs in."""
    functions, settings = _settings(place, os.environ)
    # cargo lambda watch has --target-dir, but hands it to commands that do not.
    settings["CARGO_TARGET_DIR"] = str(TARGET)
    build.check_linker()
    with step(f"building {len(functions)} functions in {TARGET.relative_to(CHECKOUT)}") as progress:
        bins = [word for function in functions for word in ("--bin", function)]
        command = ["cargo", "build", *_FEATURES, *bins]
        run(command, "watch-build", progress, verb="cargo", environment=settings, next_step="mend it and run this again")
    return settings


def _settings(place: Place, inherited: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The functions in the router, and what they run with: the settings of the deployed ones."""
    clients = Clients(place)
    if not clients.is_emulated:
        raise Failure(f"the shop {place.environment!r} is not running", "./scripts/up starts it")
    functions = served(build.workspace())
    with step(f"reading the settings of {len(functions)} functions"):
        deployed = {function: _deployed(clients, place, function) for function in functions}
    return functions, environment(inherited, union(deployed), str(clients.endpoint))


def served(workspace: Mapping[str, Any]) -> list[str]:
    """The functions in the workspace's router."""
    try:
        router = workspace["metadata"]["lambda"]["watch"]["router"]
    except (KeyError, TypeError) as error:
        raise Failure("Cargo.toml has no router for cargo lambda watch", "UPDATE=1 cargo test -p e2e --test contract") from error
    return sorted({route["function"] for routes in router.values() for route in routes})


def _deployed(clients: Clients, place: Place, function: str) -> dict[str, str]:
    name = f"souk-{place.environment}-{function}"
    try:
        configuration = clients("lambda").get_function_configuration(FunctionName=name)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            raise Failure(f"{name} is not deployed, so its settings are not known", "./scripts/deploy") from error
        raise
    variables: dict[str, str] = configuration.get("Environment", {}).get("Variables", {})
    return variables


def union(deployed: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The settings of all functions: there is one environment for the lot, so they must not contradict each other."""
    settings: dict[str, str] = {}
    said: dict[str, str] = {}
    for function, variables in sorted(deployed.items()):
        for name, value in variables.items():
            if settings.setdefault(name, value) != value:
                raise Failure(
                    f"{said[name]} and {function} have different values of {name}",
                    f"rename the setting of one, or ./scripts/deploy if only one of them was deployed since {name} changed",
                )
            said.setdefault(name, function)
    return settings


def environment(inherited: Mapping[str, str], settings: Mapping[str, str], endpoint: str) -> dict[str, str]:
    """What the functions run with. Nothing of the caller's own AWS account reaches them."""
    return {
        **{name: value for name, value in inherited.items() if not name.startswith("AWS_")},
        **settings,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": LOCAL_REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


@contextmanager
def _watching(port: int, settings: Mapping[str, str], log: IO[str] | None, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Runs cargo lambda watch on the loopback; settings go by its environment, so that no file holds a key."""
    if not processes.is_free(port):
        raise Failure(f"port {port} is taken by {processes.holder(port)}", "./scripts/watch --port takes another one")
    # Being told to end is like Ctrl-C: the functions end as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    program = str(Path(sys.executable).parent / "cargo-lambda")
    command = [program, "lambda", "watch", "--manifest-path", str(CHECKOUT / "Cargo.toml"), *_FEATURES]
    command += ["--invoke-address", "127.0.0.1", "--invoke-port", str(port), *options]
    process = subprocess.Popen(command, cwd=_sources(), env=dict(settings), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        try:
            processes.wait_until(lambda: not processes.is_free(port), process.pid, "cargo lambda watch", _LOG)
        except Failure as failure:
            raise failure if log else Failure("cargo lambda watch did not start", "its lines above say why") from failure
        yield process, f"http://127.0.0.1:{port}/v1"
    finally:
        _stop(process)


def _sources() -> Path:
    """Where it looks for changes.

    It watches every directory below, once for each function. On Linux the directories of builds would use up what a
    user may watch, so there it sees the sources alone, through links that macOS would not follow.
    """
    if platform.system() == "Darwin":
        return CHECKOUT
    folder = SOUK / "watch"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("functions", "shared"):
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(Path("..", "..", name))
    return folder


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends it the way Ctrl-C does, which ends the functions too."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
