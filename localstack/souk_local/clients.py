"""AWS clients: of an environment's emulator if it has one, else of the account that the caller is signed in to."""

from __future__ import annotations

import os
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from souk_local import emulator
from souk_local.console import Failure
from souk_local.places import Place

LOCAL_REGION = "us-east-1"


class Clients:
    """Makes one client per service, all for the same endpoint, region and account."""

    def __init__(self, place: Place) -> None:
        self._session = botocore.session.get_session()
        # The environment's own emulator comes first: a shell may still name another one's.
        self.endpoint = emulator.endpoint(place) or os.environ.get("AWS_ENDPOINT_URL")
        self.is_emulated = bool(self.endpoint)
        if self.is_emulated:
            self._session.set_credentials("test", "test")
            self.region = LOCAL_REGION
        else:
            self.region = self._session.get_config_variable("region") or ""
            if not self.region or not self._session.get_credentials():
                raise Failure(
                    f"the shop {place.environment!r} does not run here, and there are no AWS credentials with a region",
                    "./scripts/up starts it locally; for AWS set AWS_PROFILE, or AWS_REGION and credentials",
                )
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._session.create_client(
                service,
                region_name=self.region,
                endpoint_url=self.endpoint,
                config=Config(retries={"max_attempts": 5, "mode": "standard"}, s3={"addressing_style": "path"} if self.is_emulated else {}),
            )
        return self._made[service]

    @property
    def account(self) -> str:
        return str(self("sts").get_caller_identity()["Account"])


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


__all__ = ["BotoCoreError", "ClientError", "Clients", "LOCAL_REGION", "code_of"]
