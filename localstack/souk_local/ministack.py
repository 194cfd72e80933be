"""Starts MiniStack with defects mended that a setting cannot reach.

Runs in the emulator's own process, so nothing of it reaches the functions or the templates.
"""

from __future__ import annotations

import gc
import json
import socketserver
from typing import Any

from ministack import app
from ministack.core import iam_actions, lambda_runtime
from ministack.services import cognito, dynamodb, lambda_svc

from souk_local import ministack_capacity, ministack_cognito, ministack_email_change, ministack_patience

# Its Runtime API writes an answer in two packets: Nagle's algorithm against delayed acknowledgement costs each
# invocation 40 ms.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

# Everything in the shop stays in this process's memory. By default Python looks through all of it after every quarter that
# is added, and nothing is answered meanwhile: six seconds once a few hundred orders are there, which is as long as a
# function waits. What a request leaves behind is found among the young objects.
gc.set_threshold(10_000, 20, 10_000)

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

_restore_functions = lambda_svc._restore_state


def _restore_state(data: dict[str, Any] | None) -> None:
    """It saves how far each relay has read, but not the stream: a relay would wait for as many records as there were before."""
    if data:
        data["dynamodb_stream_positions"] = {}
    _restore_functions(data)


lambda_svc._restore_state = _restore_state

ministack_patience.install(lambda_runtime)
ministack_capacity.install(dynamodb)
ministack_cognito.install(cognito)
ministack_email_change.install(cognito)

if __name__ == "__main__":
    app.main()
