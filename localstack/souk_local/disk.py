"""Room on the disk, asked for before work begins that would fill it half-way."""

from __future__ import annotations

import shutil
from pathlib import Path

from souk_local.console import Failure

_GB = 1_000_000_000


def check(folder: Path, needed_gb: int, what: str) -> None:
    """Raises `Failure` if less is free where `folder` is than `what` needs."""
    free = shutil.disk_usage(folder).free
    if free < needed_gb * _GB:
        raise Failure(f"only {free * 10 // _GB / 10} GB of disk are free, {what} needs {needed_gb}", "make room, then try again")
