"""Starts MiniStack with two defects mended that a setting cannot reach.

Runs in the emulator's own process, so nothing of it reaches the functions or the templates.
"""

from __future__ import annotations

import json
import socketserver

from ministack import app
from ministack.core import iam_actions

# Its Runtime API writes an answer in two packets: Nagle's algorithm against delayed acknowledgement costs each
# invocation 40 ms.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

_resource_of_the_path = iam_actions._ses_v2_resource_arn


def _ses_v2_resource_arn(method: str, path: str, body: bytes, region: str, account_id: str) -> str:
    """AWS checks SendEmail against the sender's identity; MiniStack against `*`, which only `*` would satisfy."""
    if path.rstrip("/") == "/v2/email/outbound-emails":
        sender = str(json.loads(body or b"{}").get("FromEmailAddress", ""))
        address = sender.rpartition("<")[2].rstrip(">").strip()
        if address:
            return f"arn:aws:ses:{region}:{account_id}:identity/{address}"
    return _resource_of_the_path(method, path, body, region, account_id)


iam_actions._ses_v2_resource_arn = _ses_v2_resource_arn

if __name__ == "__main__":
    app.main()
