"""A Stripe to develop against: start it, stop it, tell it where webhooks go, and pay as a shopper's browser would.

    python -m souk_local.stripe_sandbox serve [--port 8420] [--state-dir DIR]
    python -m souk_local.stripe_sandbox pay CLIENT_SECRET [--card 4000000000000002]

The sandbox is the program localstripe (GPL) with additions (`stripe_server`), always in a process of its own: this
module starts that process and otherwise only speaks HTTP to it. Objects, webhook endpoints, undelivered webhooks and
idempotency keys are kept in `state.pickle` in the state folder, so a restart changes nothing; without the folder it
starts empty.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from souk_local.stripe_keys import PUBLISHABLE_KEY

DEFAULT_PORT = 8420
START_SECONDS = 30.0
STOP_SECONDS = 5.0
PACKAGE_ROOT = Path(__file__).resolve().parent.parent
CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


class SandboxError(Exception):
    """The sandbox did not do what was asked; the message says why and what to do."""


class Refused(SandboxError):
    """Stripe's answer was an error. `error` is its body: `code`, `decline_code`, `message`, …"""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {error.get('code', error.get('type', 'error'))}: {error.get('message', '')}")
        self.status = status
        self.error = error


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox."""

    url: str
    pid: int
    log: Path


def installed() -> bool:
    return importlib.util.find_spec("localstripe") is not None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def health(url: str) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(f"{url}/_config/health", timeout=2) as answer:
            return dict(json.load(answer))
    except (OSError, ValueError):
        return None


def start(state_dir: Path, port: int = DEFAULT_PORT) -> Sandbox:
    """Start the sandbox in the background, or return the one that runs from this state folder. Port 0: any free one."""
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = state_dir / "stripe.log"
    running = current(state_dir)
    if running is not None:
        return running
    if not installed():
        raise SandboxError("localstripe is not installed in this Python: pip install localstripe==1.15.10")
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SandboxError(f"port {port} is taken by another program: choose another port for the Stripe sandbox")
    command = [sys.executable, "-m", "souk_local.stripe_sandbox", "serve"]
    command += ["--port", str(port), "--state-dir", str(state_dir)]
    path = os.pathsep.join(filter(None, [str(PACKAGE_ROOT), os.environ.get("PYTHONPATH")]))
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )
    CHILDREN[process.pid] = process
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (health(url) or {}).get("pid") == process.pid:
            (state_dir / "stripe.pid").write_text(json.dumps({"pid": process.pid, "url": url}), encoding="utf-8")
            return Sandbox(url, process.pid, log)
        if process.poll() is not None:
            break
        time.sleep(0.05)
    process.kill()
    process.wait()
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise SandboxError(f"the Stripe sandbox did not start: {' '.join(last) or 'no output'} (log: {log})")


def current(state_dir: Path) -> Sandbox | None:
    """The sandbox that runs from this state folder. It says its own process id, so a reused one is no danger."""
    recorded = record(state_dir)
    if recorded is None or (health(recorded.url) or {}).get("pid") != recorded.pid:
        return None
    return recorded


def record(state_dir: Path) -> Sandbox | None:
    try:
        written = json.loads((state_dir / "stripe.pid").read_text(encoding="utf-8"))
        return Sandbox(str(written["url"]), int(written["pid"]), state_dir / "stripe.log")
    except (OSError, ValueError, KeyError):
        return None


def hangs(sandbox: Sandbox) -> bool:
    """Whether the recorded process is still our program although it does not answer."""
    command = ["ps", "-p", str(sandbox.pid), "-o", "command="]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    return "souk_local.stripe_sandbox" in shown.stdout


def stop(state_dir: Path) -> bool:
    """Stop the sandbox of this state folder; its state is saved first. False when none was running."""
    running = record(state_dir)
    if running is None or (current(state_dir) is None and not hangs(running)):
        (state_dir / "stripe.pid").unlink(missing_ok=True)
        return False
    os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while alive(running.pid):
        if time.monotonic() > deadline:
            os.kill(running.pid, signal.SIGKILL)
            deadline += STOP_SECONDS
        time.sleep(0.05)
    (state_dir / "stripe.pid").unlink(missing_ok=True)
    return True


def alive(pid: int) -> bool:
    """Whether the process exists. One that this program started must be asked, or it would stay as a zombie."""
    if pid in CHILDREN:
        return CHILDREN[pid].poll() is None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def call(
    method: str, url: str, form: Mapping[str, str] | None = None, key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """One request to the sandbox. An error answer is raised as `Refused`."""
    sent = dict(headers or {})
    if key is not None:
        sent["Authorization"] = f"Bearer {key}"
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(url, data=body, method=method, headers=sent)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as answer:
        raise Refused(answer.code, json.loads(answer.read() or b"{}").get("error", {})) from None
    except OSError as error:
        raise SandboxError(f"no Stripe sandbox answers at {url}: {error}") from error


def register_webhook(
    url: str, secret: str, sandbox_url: str = f"http://127.0.0.1:{DEFAULT_PORT}", identifier: str = "souk",
) -> None:
    """Send all events to `url`, signed with `secret`. The same identifier again replaces the endpoint."""
    call("POST", f"{sandbox_url}/_config/webhooks/{identifier}", {"url": url, "secret": secret})


def pay(
    client_secret: str, card: str = "4242424242424242", sandbox_url: str = f"http://127.0.0.1:{DEFAULT_PORT}",
    authenticates: bool = True,
) -> dict[str, Any]:
    """Confirm a PaymentIntent with what a browser has: the publishable key and the client secret.

    Returns the intent; a declined card raises `Refused` with status 402. A card that asks for 3-D Secure is
    authenticated, or fails to be when `authenticates` is false.
    """
    intent_id, separator, _ = client_secret.partition("_secret_")
    if not separator or not intent_id.startswith("pi_"):
        raise SandboxError("a client secret is pi_…_secret_…, from the answer of POST /orders/{id}/payments")
    form = {
        "key": PUBLISHABLE_KEY, "client_secret": client_secret, "payment_method_data[type]": "card",
        "payment_method_data[card][number]": card, "payment_method_data[card][exp_month]": "12",
        "payment_method_data[card][exp_year]": "2040", "payment_method_data[card][cvc]": "123",
    }
    intent_url = f"{sandbox_url}/v1/payment_intents/{intent_id}"
    intent = call("POST", f"{intent_url}/confirm", form)
    if intent["status"] == "requires_action":
        form = {"key": PUBLISHABLE_KEY, "client_secret": client_secret, "success": str(authenticates).lower()}
        intent = call("POST", f"{intent_url}/_authenticate", form)
    return intent


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="souk_local.stripe_sandbox", description="a local stand-in for Stripe")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the sandbox in the foreground")
    serve.add_argument("--host", default="127.0.0.1", help="only a container has a reason to change this")
    serve.add_argument("--port", type=int, default=DEFAULT_PORT)
    serve.add_argument("--state-dir", type=Path, default=Path(".souk/stripe"))
    paying = commands.add_parser("pay", help="pay for a PaymentIntent with a test card")
    paying.add_argument("client_secret")
    paying.add_argument("--card", default="4242424242424242")
    paying.add_argument("--url", default=f"http://127.0.0.1:{DEFAULT_PORT}", help="where the sandbox listens")
    options = parser.parse_args(arguments)
    try:
        if options.command == "serve":
            if not installed():
                raise SandboxError("localstripe is not installed in this Python: pip install localstripe==1.15.10")
            from souk_local import stripe_server  # only this process may load the GPL program

            options.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            stripe_server.run(options.host, options.port, options.state_dir / "state.pickle")
        else:
            intent = pay(options.client_secret, options.card, options.url)
            sys.stdout.write(f"{intent['status']} {intent['id']}\n")
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
