"""Container healthcheck: `healthy.py URL` succeeds when the URL answers 200 and no init hook has failed.

LocalStack calls its init stage completed even when a hook of it failed, so the state of every hook is looked at.
Runs on whatever Python an image has, with the standard library only.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import Any


def fault(body: dict[str, Any]) -> str | None:
    """Why a service with this answer is not ready, if it is not."""
    if not body.get("completed", True):
        return "the init hooks are still running"
    failed = [script["name"] for script in body.get("scripts", []) if script.get("state") != "SUCCESSFUL"]
    return f"init hooks failed: {', '.join(failed)}" if failed else None


def main(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:
            reason = fault(json.load(answer))
    except (OSError, ValueError) as error:
        reason = f"{url}: {error}"
    if reason:
        sys.stdout.write(reason + "\n")
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
