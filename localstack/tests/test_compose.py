"""The Compose files fit the Compose schema and keep this project's rules. Nothing here starts a container."""

from __future__ import annotations

import contextlib
import functools
import http.server
import importlib.util
import io
import json
import re
import sys
import threading
import unittest
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "localstack"))

import yaml  # noqa: E402

BASE = "docker-compose.yml"
VARIANTS = ((BASE,), (BASE, "docker-compose.ministack.yml"), (BASE, "docker-compose.licensed.yml"))
# These end by themselves, so nobody waits for them to be healthy.
ONE_SHOT = {"deploy", "lambda-runtime"}
EMULATOR_PORT = "127.0.0.1:4566:4566"


class Override:
    """A value that replaces what earlier files say, instead of being merged with it."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Loader(yaml.SafeLoader):
    pass


def _override(loader: Loader, node: yaml.Node) -> Override:
    if isinstance(node, yaml.MappingNode):
        return Override(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return Override(loader.construct_sequence(node, deep=True))
    return Override(loader.construct_scalar(node))


Loader.add_constructor("!override", _override)


def plain(value: Any) -> Any:
    if isinstance(value, Override):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def merged(earlier: Any, later: Any) -> Any:
    """As Compose merges files: mappings by key, lists one after the other, the rest is replaced."""
    if isinstance(earlier, dict) and isinstance(later, dict):
        return {**earlier, **{key: merged(earlier.get(key), value) for key, value in later.items()}}
    if isinstance(earlier, list) and isinstance(later, list):
        return [*earlier, *later]
    return plain(later)


@functools.cache
def load(names: tuple[str, ...]) -> dict[str, Any]:
    composed: Any = {}
    for name in names:
        text = (CHECKOUT / name).read_text(encoding="utf-8")
        composed = merged(composed, yaml.load(text, Loader))  # noqa: S506 (a SafeLoader)
    return dict(composed)


def active(names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in load(names)["services"].items() if "profiles" not in service}


def module(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, CHECKOUT / path)
    assert spec and spec.loader, path
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


class ComposeFiles(unittest.TestCase):
    def each_service(self) -> list[tuple[tuple[str, ...], str, dict[str, Any]]]:
        return [(names, name, service) for names in VARIANTS for name, service in active(names).items()]

    @unittest.skipUnless(importlib.util.find_spec("check_jsonschema"), "check-jsonschema is not installed here")
    def test_they_fit_the_compose_schema(self) -> None:
        import jsonschema

        vendored = resources.files("check_jsonschema").joinpath("builtin_schemas", "vendor", "compose-spec.json")
        schema = json.loads(vendored.read_text(encoding="utf-8"))
        for names in VARIANTS:
            with self.subTest(names):
                jsonschema.validate(load(names), schema)
        for name in sorted({name for names in VARIANTS for name in names}):
            with self.subTest(name):
                single = plain(yaml.load((CHECKOUT / name).read_text(encoding="utf-8"), Loader))  # noqa: S506
                jsonschema.validate(single, schema)

    def test_every_port_is_open_to_this_machine_only(self) -> None:
        for names, name, service in self.each_service():
            for port in service.get("ports", []):
                with self.subTest(files=names, service=name):
                    self.assertRegex(port, r"^127\.0\.0\.1:\d+:\d+$")

    def test_no_port_is_taken_twice_and_the_api_has_one_address(self) -> None:
        for names in VARIANTS:
            with self.subTest(names):
                ports = [port for service in active(names).values() for port in service.get("ports", [])]
                self.assertEqual(len(ports), len({port.split(":")[1] for port in ports}))
                self.assertIn(EMULATOR_PORT, ports)

    def test_no_endpoint_can_be_empty(self) -> None:
        # The SDK for Rust does not start with an empty one; a ${X:-} in Compose makes one.
        for names, name, service in self.each_service():
            for variable, value in service.get("environment", {}).items():
                if variable.startswith("AWS_ENDPOINT_URL"):
                    with self.subTest(files=names, service=name, variable=variable):
                        self.assertRegex(value, r"^http://[a-z0-9.]+:\d+$")
            for value in re.findall(r"AWS_ENDPOINT_URL\w*=(\S*)", json.dumps(service)):
                self.assertRegex(value, r"^http://[a-z0-9.]+:\d+")

    def test_services_wait_for_what_they_need_and_that_can_be_healthy(self) -> None:
        for names, name, service in self.each_service():
            for needed, how in service.get("depends_on", {}).items():
                with self.subTest(files=names, service=name, needs=needed):
                    other = active(names)[needed]
                    self.assertEqual(
                        how["condition"],
                        "service_completed_successfully" if needed in ONE_SHOT else "service_healthy",
                    )
                    self.assertTrue(needed in ONE_SHOT or "healthcheck" in other)

    def test_deploy_shares_the_network_of_the_emulator_that_has_the_port(self) -> None:
        for names in VARIANTS:
            with self.subTest(names):
                services = active(names)
                _, _, centre = services["deploy"]["network_mode"].partition(":")
                self.assertIn(EMULATOR_PORT, services[centre]["ports"])
                self.assertEqual(services["deploy"]["environment"]["SOUK_GATEWAY"], f"http://{centre}:4566")

    def test_images_are_pinned_and_localstack_is_the_last_that_needs_no_account(self) -> None:
        for names, name, service in self.each_service():
            if "build" not in service:
                with self.subTest(files=names, service=name):
                    self.assertRegex(service["image"], r":(v?\d+\.\d+\.\d+|al2023)$|^\$\{LOCALSTACK_IMAGE:\?")
        self.assertEqual(active((BASE,))["localstack"]["image"], "localstack/localstack:4.14.0")

    def test_only_localstack_holds_the_docker_socket(self) -> None:
        for names, name, service in self.each_service():
            if name != "localstack":
                with self.subTest(files=names, service=name):
                    self.assertNotIn("docker.sock", json.dumps(service))

    def test_mounted_files_exist(self) -> None:
        for names, name, service in self.each_service():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                with self.subTest(files=names, service=name, volume=volume):
                    if source.startswith("./"):
                        self.assertTrue((CHECKOUT / source).exists())
                    elif not source.startswith("/"):
                        self.assertIn(source, load(names)["volumes"])

    def test_the_images_build_stages_exist(self) -> None:
        dockerfile = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
        stages = set(re.findall(r"^FROM \S+ AS (\w+)$", dockerfile, re.MULTILINE))
        for names, name, service in self.each_service():
            if "build" in service:
                with self.subTest(files=names, service=name):
                    self.assertIn(service["build"]["target"], stages)


class Image(unittest.TestCase):
    def copied(self) -> list[str]:
        dockerfile = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
        lines = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
        return [source for line in lines for source in line.split()]

    def test_what_it_copies_exists_and_is_not_ignored(self) -> None:
        kept = re.findall(r"^!(\S+)$", (CHECKOUT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
        for source in self.copied():
            with self.subTest(source):
                self.assertTrue((CHECKOUT / source).exists())
                self.assertTrue(any(Path(source).is_relative_to(name) for name in kept))

    def test_every_file_that_functions_embed_is_in_it(self) -> None:
        copied = self.copied()
        for source in [path for folder in ("functions", "shared") for path in (CHECKOUT / folder).rglob("*.rs")]:
            for name in re.findall(r'include_(?:str|bytes)!\("([^"]+)"\)', source.read_text(encoding="utf-8")):
                embedded = (source.parent / name).resolve().relative_to(CHECKOUT)
                with self.subTest(str(embedded)):
                    self.assertTrue(any(embedded.is_relative_to(root) for root in copied))


class Healthcheck(unittest.TestCase):
    def setUp(self) -> None:
        self.check = module("localstack/compose/healthy.py")

    def test_a_failed_hook_is_unhealthy_although_the_stage_is_completed(self) -> None:
        scripts = [{"name": "a.py", "state": "SUCCESSFUL"}, {"name": "b.py", "state": "ERROR"}]
        self.assertEqual(self.check.fault({"completed": True, "scripts": scripts}), "init hooks failed: b.py")
        self.assertIsNone(self.check.fault({"completed": True, "scripts": scripts[:1]}))
        self.assertIsNotNone(self.check.fault({"completed": False, "scripts": []}))

    def test_any_other_service_is_healthy_when_it_answers(self) -> None:
        self.assertIsNone(self.check.fault({"status": "ok"}))

    def test_the_exit_status_follows_the_answer(self) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/well" else 503)
                self.end_headers()
                self.wfile.write(b'{"status": "ok"}')

            def log_message(self, *_args: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        address = f"http://127.0.0.1:{server.server_port}"
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual([self.check.main(f"{address}/{path}") for path in ("well", "ill")], [0, 1])
        self.assertIn("503", said.getvalue())


if __name__ == "__main__":
    unittest.main()
