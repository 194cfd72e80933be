"""What only a shop under test has: a way to DynamoDB that fails on demand, and functions that abort on demand."""

from __future__ import annotations

import socket
from pathlib import Path

from souk_local import build, processes
from souk_local.places import Place, Running

_PROXY = "dynamodb-proxy"


def start(place: Place, emulator_port: int) -> dict[str, str]:
    """Starts the proxy before the emulator at `emulator_port`; answers the settings that bring functions to it."""
    program = build.tool(_PROXY, "testkit")
    port = processes.free_port()
    log = place.log(_PROXY)
    pid = processes.start_program([str(program), str(port), str(emulator_port)], {}, log)
    place.record(_PROXY, Running(pid, port))
    processes.wait_until(lambda: _answers(port), pid, "the DynamoDB proxy", log)
    failpoints = _failpoints(place)
    failpoints.mkdir(parents=True, exist_ok=True)
    return {"AWS_ENDPOINT_URL_DYNAMODB": _url(port), "SOUK_FAILPOINTS": str(failpoints)}


def stop(place: Place) -> None:
    running = place.running(_PROXY)
    if running:
        processes.stop(running.pid, _PROXY)


def variables(place: Place) -> dict[str, str]:
    """Where tests find the kit; nothing where it does not run."""
    running = place.running(_PROXY)
    if running is None or not processes.is_ours(running.pid, _PROXY):
        return {}
    return {"SOUK_DYNAMODB_PROXY_URL": _url(running.port), "SOUK_FAILPOINTS": str(_failpoints(place))}


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _failpoints(place: Place) -> Path:
    return place.folder / "failpoints"
