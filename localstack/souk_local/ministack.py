"""Starts MiniStack with defects mended that a setting cannot reach.

Runs in the emulator's own process, so nothing of it reaches the functions or the templates.
"""

from __future__ import annotations

import gc
import json
import socketserver
from typing import Any

import h11
from hypercorn.protocol import h11 as hypercorn_h11
from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import cognito, dynamodb, lambda_svc, sqs

from souk_local import (
    ministack_capacity,
    ministack_cognito,
    ministack_email_change,
    ministack_packets,
    ministack_patience,
    ministack_relays,
    ministack_speed,
)

# Its Runtime API writes a large event in two packets: Nagle's algorithm against delayed acknowledgement costs each
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

_action_of = iam_actions.extract_iam_action


def _extract_iam_action(service: str, method: str, path: str, headers: dict[str, Any], body: bytes, query_params: dict[str, Any]) -> str | None:
    """On AWS, whoever may send one message may send ten at once; MiniStack asks for an action of that name, which IAM does not have."""
    action = _action_of(service, method, path, headers, body, query_params)
    return "sqs:SendMessage" if action == "sqs:SendMessageBatch" else action


iam_actions.extract_iam_action = _extract_iam_action

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
ministack_packets.install(h11, hypercorn_h11, lambda_runtime)
ministack_speed.install(dynamodb, iam_evaluator, sqs)
ministack_relays.install(lambda_svc, dynamodb)

if __name__ == "__main__":
    app.main()
