"""What the tools say on the terminal: one line a step, with the time it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """Something the reader can act on: the reason, and what to do next."""

    def __init__(self, reason: str, next_step: str = "") -> None:
        super().__init__(reason)
        self.next_step = next_step


def say(text: str) -> None:
    print(text, flush=True)


class Progress:
    """A line that is drawn again in place on a terminal, and every ten seconds in a log."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._next = time.monotonic() + (0.2 if self._terminal else 10)

    def show(self, text: str) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (0.2 if self._terminal else 10)
        if self._terminal:
            print(f"\r\033[K    {text}", end="", file=sys.stderr, flush=True)
        else:
            print(f"    {text}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[Progress]:
    """Announces a step, and says how long it took once it has succeeded."""
    say(f"==> {title}")
    started = time.monotonic()
    progress = Progress()
    yield progress
    progress.clear()
    say(f"    {duration(time.monotonic() - started)}")


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"
