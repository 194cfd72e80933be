"""Reads the mails that the local shop sent."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from html import unescape
from typing import Any


def messages(emulator: str) -> list[dict[str, Any]]:
    """All mails there are, the newest first, as the emulator records them: Source, To, Subject, BodyText, BodyHtml."""
    with urllib.request.urlopen(f"{emulator}/_ministack/ses/messages", timeout=10) as answer:
        accounts = json.load(answer)["messages"]
    return sorted((message for sent in accounts.values() for message in sent), key=lambda mail: float(mail["Timestamp"]), reverse=True)


def wait_for_code(emulator: str, to: str, seconds: float, known: str | None = None) -> str | None:
    """The newest code that was sent to an address, other than the known one, as soon as there is one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for message in messages(emulator):
            text = message.get("BodyText") or unescape(message.get("BodyHtml") or "")
            code = re.search(r"\b\d{6}\b", text) if to in message["To"] else None
            if code and code.group() != known:
                return code.group()
        time.sleep(0.2)
    return None
