"""Starting, recognising and stopping our own background processes. Never anybody else's."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from souk_local.console import Failure, Progress
from souk_local.places import CHECKOUT


def start(module: str, arguments: list[str], environment: dict[str, str], log: Path) -> int:
    """Runs `python -m module` in its own process group, its output in `log`."""
    environment = {**environment, "PYTHONPATH": str(CHECKOUT / "localstack"), "PYTHONUNBUFFERED": "1"}
    return start_program([sys.executable, "-m", module, *arguments], environment, log)


def start_program(command: list[str], environment: dict[str, str], log: Path) -> int:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return process.pid


def is_ours(pid: int, module: str) -> bool:
    """Whether `pid` lives and is that module or program: pids are used again after a crash or a restart."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False
    listing = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return module in listing.stdout


def stop(pid: int, module: str, patience: float = 30) -> None:
    """Asks the process to end, so that it can save its state; ends it and its children when it does not."""
    if not is_ours(pid, module):
        return
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + patience
    while is_ours(pid, module) and time.monotonic() < end:
        _reap(pid)
        time.sleep(0.1)
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def wait_until(ready: Callable[[], bool], pid: int, what: str, log: Path, seconds: float = 60) -> None:
    progress = Progress()
    started = time.monotonic()
    while not ready():
        _reap(pid)
        if not _lives(pid):
            raise Failure(f"{what} ended while starting: {last_line(log)}", f"read {log}")
        if time.monotonic() - started > seconds:
            raise Failure(f"{what} did not answer within {seconds:.0f} s", f"read {log}")
        progress.show(f"waiting for {what}")
        time.sleep(0.1)
    progress.clear()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except FileNotFoundError:
        return "it wrote no log"
    return lines[-1][:300] if lines else "it wrote no log"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def holder(port: int) -> str:
    """Who listens on `port`, as far as the machine tells."""
    for command, pattern in (
        (["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"], r"p(?P<pid>\d+)\nc(?P<name>\S+)"),
        (["ss", "-ltnpH", f"sport = :{port}"], r'\("(?P<name>[^"]+)",pid=(?P<pid>\d+)'),
    ):
        if shutil.which(command[0]):
            found = re.search(pattern, subprocess.run(command, capture_output=True, text=True, check=False).stdout)
            if found:
                return f"{found['name']} (process {found['pid']})"
    return "another program"
