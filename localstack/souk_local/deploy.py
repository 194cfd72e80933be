"""Deploys the root stack and the services' stacks, on AWS and on an emulator alike."""

from __future__ import annotations

import platform
import urllib.request
from pathlib import Path

from souk_local import gateway
from souk_local.artefacts import Artefacts
from souk_local.clients import Clients
from souk_local.console import Failure, Progress, say, step
from souk_local.places import CHECKOUT, SERVICES, Place
from souk_local.stacks import Stacks


class Deployment:
    """One environment: `souk-<environment>` and a stack per service beside it."""

    def __init__(self, place: Place, clients: Clients, parameters: dict[str, str]) -> None:
        self._place = place
        self._clients = clients
        self._stacks = Stacks(clients)
        self._artefacts = Artefacts(clients, place)
        self._root = f"souk-{place.environment}"
        self._parameters = {"Environment": place.environment, **self._defaults(), **parameters}

    def everything(self) -> None:
        self._artefacts.prepare()
        with step(f"deploying {self._root}") as progress:
            self._deploy_root(progress)
        for service in deployable(SERVICES):
            self._announce(service)
        if self._clients.is_emulated:
            self._artefacts.drop_unused_code()

    def service(self, name: str) -> None:
        if name not in SERVICES:
            raise Failure(f"there is no service {name!r}", f"it is one of {', '.join(SERVICES)}")
        self._artefacts.prepare()
        self._announce(name)

    def value(self, name: str) -> str:
        """A value that the root stack wrote, such as `api/url`."""
        parameter = f"/souk/{self._place.environment}/{name}"
        return str(self._clients("ssm").get_parameter(Name=parameter)["Parameter"]["Value"])

    def _announce(self, service: str) -> None:
        with step(f"deploying {self._root}-{service}") as progress:
            if not self._deploy_service(service, progress):
                say("    nothing changed")

    def _deploy_root(self, progress: Progress) -> None:
        text = (CHECKOUT / "template.yaml").read_text()
        url = self._artefacts.put_template("root", text)
        changed = self._stacks.deploy(self._root, url, text, self._parameters, progress)
        if self._is_ministack():
            self._complete_gateway(url)
        self._copy_keys()
        if not changed:
            say("    nothing changed")

    def _deploy_service(self, service: str, progress: Progress) -> bool:
        template = template_of(service).read_text()
        packaged = self._artefacts.package(template, self._versions(), progress)
        url = self._artefacts.put_template(service, packaged)
        return self._stacks.deploy(f"{self._root}-{service}", url, packaged, self._parameters, progress)

    def _complete_gateway(self, template_url: str) -> None:
        """Once per template and API; what was done is noted beside it, so that a kill half-way is made up for."""
        api_id = self.value("api/id")
        done = f"{api_id} {template_url.rpartition('/')[2]}"
        if self._known().get("emulator/gateway", ("", 0))[0] != done:
            gateway.complete(self._clients, self._root, api_id)
            name = f"/souk/{self._place.environment}/emulator/gateway"
            self._clients("ssm").put_parameter(Name=name, Value=done, Type="String", Overwrite=True)

    def _copy_keys(self) -> None:
        """Copies the pool's public keys to where functions get them at their start: no call on a cold one."""
        name = f"/souk/{self._place.environment}/auth/jwks"
        with urllib.request.urlopen(self.value("auth/jwks-url"), timeout=10) as answer:
            keys = answer.read().decode()
        if self._known().get("auth/jwks", ("", 0))[0] != keys:
            self._clients("ssm").put_parameter(Name=name, Value=keys, Type="String", Overwrite=True)

    def _versions(self) -> dict[str, int]:
        return {name: version for name, (_, version) in self._known().items()}

    def _known(self) -> dict[str, tuple[str, int]]:
        prefix = f"/souk/{self._place.environment}/"
        pages = self._clients("ssm").get_paginator("get_parameters_by_path").paginate(Path=prefix, Recursive=True)
        return {parameter["Name"].removeprefix(prefix): (parameter["Value"], parameter["Version"]) for page in pages for parameter in page["Parameters"]}

    def _is_ministack(self) -> bool:
        if not self._clients.is_emulated:
            return False
        try:
            with urllib.request.urlopen(f"{self._clients.endpoint}/_ministack/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _defaults(self) -> dict[str, str]:
        if not self._clients.is_emulated:
            return {}
        return {
            "BranchStack": "true",
            "Architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64",
            "FunctionTimeout": "30",
            "EmulatorEndpoint": str(self._clients.endpoint),
            # Whoever develops signs in as the same few people all the time.
            "TriesPerAccount": "100",
        }


def template_of(service: str) -> Path:
    return CHECKOUT / "functions" / service / "template.yaml"


def deployable(services: tuple[str, ...]) -> list[str]:
    return [service for service in services if template_of(service).is_file()]
