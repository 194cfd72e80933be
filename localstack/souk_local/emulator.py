"""The local AWS: MiniStack, one per environment, its state in `.souk/<environment>/emulator/`."""

from __future__ import annotations

import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from importlib.metadata import version

from souk_local import disk, processes
from souk_local.console import Failure, say
from souk_local.places import Place, Running

MODULE = "souk_local.ministack"
DEFAULT_PORT = 4566
_NAME = "emulator"
_NEEDED_GB = 6


def endpoint(place: Place) -> str | None:
    """Where the environment's emulator answers, if it runs."""
    running = current(place)
    return f"http://127.0.0.1:{running.port}" if running else None


def current(place: Place) -> Running | None:
    running = place.running(_NAME)
    return running if running and processes.is_ours(running.pid, MODULE) else None


def start(place: Place, port: int | None, settings: Mapping[str, str] | None = None) -> str:
    """Starts the emulator unless it runs, and answers its endpoint. Functions see `settings` too."""
    running = current(place)
    if running:
        if port and port != running.port:
            raise Failure(
                f"the shop already runs on port {running.port}",
                f"./scripts/down, then ./scripts/up --port {port}",
            )
        say(f"    already running on port {running.port}")
        return f"http://127.0.0.1:{running.port}"
    _check_state_version(place)
    place.folder.mkdir(parents=True, exist_ok=True)
    disk.check(place.folder, _NEEDED_GB, "the shop")
    before = place.running(_NAME)
    port = port or (before.port if before else DEFAULT_PORT)
    _check_port(port)
    if before and before.port != port:
        _move(place, before.port, port)
    log = place.log(_NAME)
    pid = processes.start(MODULE, [], {**_settings(place, port), **(settings or {})}, log)
    place.record(_NAME, Running(pid, port))
    url = f"http://127.0.0.1:{port}"
    processes.wait_until(lambda: _answers(url), pid, "the emulator", log)
    return url


def stop(place: Place) -> bool:
    """Stops the emulator; the record stays, so that it comes back on the same port."""
    running = current(place)
    if running:
        processes.stop(running.pid, MODULE)
    return running is not None


def reset(place: Place) -> None:
    stop(place)
    shutil.rmtree(place.folder, ignore_errors=True)


def _move(place: Place, old: int, new: int) -> None:
    """Queues are known by their addresses, and products name their pictures': the data moves to the new port."""
    address = re.compile(rf"(http://(?:127\.0\.0\.1|localhost)):{old}\b")
    for path in place.state.glob("*.json"):
        path.write_text(address.sub(rf"\1:{new}", path.read_text()))


def _settings(place: Place, port: int) -> dict[str, str]:
    place.state.mkdir(parents=True, exist_ok=True)
    scratch = place.folder / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    (place.state / "VERSION").write_text(version("ministack"))
    # Functions inherit the emulator's environment: it gets what is named here and nothing of the caller's.
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(place.folder),
        "TMPDIR": str(scratch),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(place.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(place.state / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_ACCOUNT_CONCURRENCY": os.environ.get("SOUK_CONCURRENCY", "100"),
        "LAMBDA_WARM_TTL_SECONDS": "600",
    }


def _check_state_version(place: Place) -> None:
    try:
        written_by = (place.state / "VERSION").read_text().strip()
    except FileNotFoundError:
        return
    if written_by != version("ministack"):
        raise Failure(
            f"the shop's data was written by emulator {written_by}, this one is {version('ministack')}",
            "./scripts/reset deletes the local data and starts anew",
        )


def _check_port(port: int) -> None:
    # An emulator that was just stopped may hold its port a moment longer.
    end = time.monotonic() + 3
    while not processes.is_free(port):
        if time.monotonic() > end:
            raise Failure(
                f"port {port} is taken by {processes.holder(port)}",
                f"stop that program, or ./scripts/up --port {processes.free_port()}",
            )
        time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
