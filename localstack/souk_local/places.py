"""Where things are: the checkout, and the private folder .souk/ of what is made while running."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from souk_local.console import Failure

CHECKOUT = Path(__file__).resolve().parents[2]
SOUK = CHECKOUT / ".souk"
LOGS = SOUK / "logs"
BOOTSTRAPS = CHECKOUT / "target" / "lambda"

# Services in the order of their first deployment.
SERVICES = ("users", "catalog", "cart", "orders", "payments", "notifications", "platform")


@dataclass(frozen=True)
class Running:
    """A started process that belongs to one environment."""

    pid: int
    port: int


class Place:
    """One environment's private folder, `.souk/<environment>/`."""

    def __init__(self, environment: str) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,23}", environment):
            raise Failure(
                f"{environment!r} is not an environment's name",
                "use lower-case letters, digits and hyphens, 24 at most, such as local or feature-12",
            )
        self.environment = environment
        self.folder = SOUK / environment

    @property
    def state(self) -> Path:
        return self.folder / "emulator"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    def log(self, name: str) -> Path:
        LOGS.mkdir(parents=True, exist_ok=True)
        return LOGS / f"{name}-{self.environment}.log"

    def record(self, name: str, running: Running) -> None:
        self.write(f"{name}.json", json.dumps(asdict(running)))

    def running(self, name: str) -> Running | None:
        """What was recorded; whether it still runs is for the caller to ask."""
        text = self.read(f"{name}.json")
        return Running(**json.loads(text)) if text else None

    def write(self, name: str, text: str) -> None:
        """Writes whole files only, so that a kill half-way leaves the old one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f"{name}.part"
        partial.write_text(text)
        partial.chmod(0o600)
        os.replace(partial, self.folder / name)

    def read(self, name: str) -> str:
        try:
            return (self.folder / name).read_text()
        except FileNotFoundError:
            return ""

    def forget(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
