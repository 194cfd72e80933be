"""Runs other programs with their output in a log file, and tells what matters of it when one fails."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from souk_local.console import Failure, Progress, duration, step
from souk_local.places import CHECKOUT, LOGS

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TELLING = re.compile(r"^(error|Error|\s*FAIL|thread '.*' panicked|[EW]\d{4} |[^ ]+:\d+:\d+|In .+ line \d+:|Diff in |\S+ -- \./|\s*[×⚠] )")

# Linux shares a processor between sessions before it looks at who is nice in one: the session is nice as well, and `_started` opens one.
_YIELDING = ["sh", "-c", 'if [ -w /proc/self/autogroup ]; then echo 19 > /proc/self/autogroup; fi; exec nice -n 19 "$@"', "nice"]


def run(
    command: Sequence[str],
    log: str,
    progress: Progress,
    *,
    next_step: str = "",
    environment: Mapping[str, str] | None = None,
    verb: str = "",
) -> str:
    """Runs `command` in the checkout; answers its output. A failure shows the telling lines and where the rest is."""
    with _started(command, log, next_step, environment or {}) as process:
        return _judged(process, command, log, progress, next_step, verb)


@contextmanager
def beside(title: str, command: Sequence[str], log: str) -> Iterator[None]:
    """Runs `command` on what others leave of the machine while the block is worked on; at its end waits for it, and judges it as `run` does."""
    with _started([*_YIELDING, *command], log, "", {}) as process:
        yield
        with step(title) as progress:
            _judged(process, command, log, progress, "", "")


@contextmanager
def _started(command: Sequence[str], log: str, next_step: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block at the latest, and with it what it started: cargo's children outlive cargo."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with _log(log).open("w") as output:
        try:
            process = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "CARGO_TERM_COLOR": "never", "CARGO_TERM_PROGRESS_WHEN": "never", **environment},
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise Failure(f"{command[0]} is not installed", next_step or f"install {command[0]}") from error
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _judged(process: subprocess.Popen[bytes], command: Sequence[str], log: str, progress: Progress, next_step: str, verb: str) -> str:
    path, started = _log(log), time.monotonic()
    while process.poll() is None:
        progress.show(f"{verb or Path(command[0]).name}: {_last(path)} ({duration(time.monotonic() - started)})")
        time.sleep(0.2)
    text = path.read_text(errors="replace")
    if process.returncode != 0:
        progress.clear()
        where = f"read {path.relative_to(CHECKOUT)}"
        program = f"{Path(command[0]).name} {' '.join(command[1:3])}".strip()
        raise Failure(f"{program} failed\n{_excerpt(text)}", f"{where}; {next_step}" if next_step else where)
    return text


def _log(name: str) -> Path:
    return LOGS / f"{name}.log"


def _last(path: Path) -> str:
    with path.open("rb") as output:
        output.seek(max(0, path.stat().st_size - 400))
        lines = output.read().decode(errors="replace").strip().splitlines()
    return _ESCAPES.sub("", lines[-1]).strip()[:70] if lines else "starting"


def _excerpt(text: str) -> str:
    lines = [_ESCAPES.sub("", line).rstrip() for line in text.splitlines()]
    telling = [number for number, line in enumerate(lines) if _TELLING.match(line)]
    if telling:
        numbers = sorted({number for first in telling[:4] for number in range(first, min(first + 4, len(lines)))})
        shown = [lines[number] for number in numbers]
    else:
        shown = lines[-8:]
    return "\n".join(f"    {line[:160]}" for line in shown[:15] if line)
