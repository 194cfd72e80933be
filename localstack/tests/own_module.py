"""A module of the emulator for one test alone, so that what is mended in it is mended nowhere else."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from typing import Any


def of_its_own(name: str) -> Any:
    """The module once more, with a state that nobody else has, and nothing mended."""
    spec = importlib.util.find_spec(name)
    assert spec and spec.loader
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
