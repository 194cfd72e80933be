"""Creates and updates CloudFormation stacks, and says in one sentence why one failed."""

from __future__ import annotations

import re
import time

from souk_local.clients import ClientError, Clients, code_of
from souk_local.console import Failure, Progress

_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_DECLARED = re.compile(r"^Parameters:\n((?:  .*\n|\n)*)", re.MULTILINE)
_PARAMETER = re.compile(r"^  ([A-Za-z0-9]+):", re.MULTILINE)


def declared_parameters(template: str) -> set[str]:
    block = _DECLARED.search(template)
    return set(_PARAMETER.findall(block.group(1))) if block else set()


class Stacks:
    """The stacks of one account and region."""

    def __init__(self, clients: Clients) -> None:
        self._cloudformation = clients("cloudformation")
        self._pause = 0.1 if clients.is_emulated else 3.0

    def deploy(self, name: str, url: str, template: str, parameters: dict[str, str], progress: Progress) -> bool:
        """Brings the stack to this template and these parameters; answers whether anything changed."""
        declared = declared_parameters(template)
        request = {
            "StackName": name,
            "TemplateURL": url,
            "Capabilities": _CAPABILITIES,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items() if key in declared],
        }
        status = self._status(name)
        if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"):
            # What never came to life cannot be updated.
            self._cloudformation.delete_stack(StackName=name)
            self._settle(name, progress)
            status = None
        if status and status.endswith("_IN_PROGRESS"):
            self._settle(name, progress)
        began = time.time()
        try:
            if status is None or status == "DELETE_COMPLETE":
                self._cloudformation.create_stack(**request)
            else:
                self._cloudformation.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return False
            raise Failure(f"the stack {name} was refused: {error}", "mend its template; ./scripts/check finds most faults") from error
        status = self._settle(name, progress)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise Failure(f"the stack {name} ended as {status}: {self._reasons(name, began)}", "mend its template and deploy again")
        return True

    def outputs(self, name: str) -> dict[str, str]:
        stack = self._cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def _status(self, name: str) -> str | None:
        try:
            return str(self._cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        except ClientError as error:
            if code_of(error) == "ValidationError":
                return None
            raise

    def _settle(self, name: str, progress: Progress) -> str | None:
        while True:
            status = self._status(name)
            if status is None or not status.endswith("_IN_PROGRESS"):
                return status
            progress.show(f"{name}: {status}")
            time.sleep(self._pause)

    def _reasons(self, name: str, since: float) -> str:
        events = self._cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        reasons = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            for event in reversed(events)
            if "FAILED" in event["ResourceStatus"] and event["Timestamp"].timestamp() >= since - 5
        ]
        return "; ".join(reasons[:3]) or "no resource says why"
