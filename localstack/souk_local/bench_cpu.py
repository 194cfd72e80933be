"""The processor time of a running shop: its functions, the emulator they run under, and the payment sandbox."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_FUNCTION = re.compile(rb"(?:^|\0)AWS_LAMBDA_FUNCTION_NAME=([^\0]+)")
UNNAMED = "functions"


@dataclass(frozen=True)
class Cpu:
    """Seconds of user and system time since each process began. `ended` is what functions used that have ended."""

    functions: Mapping[str, float]
    ended: float
    emulator: float
    sandbox: float

    def since(self, before: Cpu) -> Cpu:
        """What was used between `before` and this. A function that ended meanwhile counts under `ended`, once."""
        used = {name: seconds - before.functions.get(name, 0.0) for name, seconds in self.functions.items()}
        gone = sum(seconds for name, seconds in before.functions.items() if name not in self.functions)
        return Cpu(used, self.ended - before.ended - gone, self.emulator - before.emulator, self.sandbox - before.sandbox)

    @property
    def all_functions(self) -> float:
        return sum(self.functions.values()) + self.ended


def look(emulator: int, sandbox: int) -> Cpu:
    """Functions are the emulator's children. Linux tells their names and what ended; elsewhere they are one sum of those that live."""
    return _of_proc(emulator, sandbox) if _PROC.joinpath("self/stat").exists() else _of_ps(emulator, sandbox)


def _of_proc(emulator: int, sandbox: int) -> Cpu:
    tick = os.sysconf("SC_CLK_TCK")
    functions: dict[str, float] = {}
    ended = own = paid = 0.0
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent, used, of_ended = read_stat((folder / "stat").read_text())
            pid = int(folder.name)
            if pid == emulator:
                own, ended = used / tick, of_ended / tick
            elif pid == sandbox:
                paid = used / tick
            elif parent == emulator:
                name = function_name((folder / "environ").read_bytes())
                functions[name] = functions.get(name, 0.0) + (used + of_ended) / tick
        except (FileNotFoundError, ProcessLookupError):
            continue
    return Cpu(functions, ended, own, paid)


def read_stat(text: str) -> tuple[int, int, int]:
    """The parent, the ticks of the process itself, and those of its children that have ended."""
    # The program's name stands in parentheses and may hold anything.
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])


def function_name(environment: bytes) -> str:
    found = _FUNCTION.search(environment)
    return found.group(1).decode() if found else UNNAMED


def peak_memory_kb(function: str) -> int:
    """The most memory that a process of this function had at once; 0 where the system does not tell, or there is none."""
    peak = 0
    for folder in _PROC.iterdir() if _PROC.joinpath("self/stat").exists() else ():
        if not folder.name.isdigit():
            continue
        try:
            if function_name((folder / "environ").read_bytes()) == function:
                peak = max(peak, read_peak((folder / "status").read_text()))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return peak


def read_peak(status: str) -> int:
    """`VmHWM` of a process, in kB."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found.group(1)) if found else 0


def _of_ps(emulator: int, sandbox: int) -> Cpu:
    listing = subprocess.run(["ps", "-axo", "pid=,ppid=,time="], capture_output=True, text=True, check=True).stdout
    children = own = paid = 0.0
    for line in listing.splitlines():
        pid, parent, used = line.split()
        if int(pid) == emulator:
            own = read_time(used)
        elif int(pid) == sandbox:
            paid = read_time(used)
        elif int(parent) == emulator:
            children += read_time(used)
    return Cpu({UNNAMED: children}, 0.0, own, paid)


def read_time(text: str) -> float:
    """`1-02:03:04`, `2:03.45` and what else `ps` writes, in seconds."""
    days, _, clock = text.rpartition("-")
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds + 86_400 * int(days or 0)
