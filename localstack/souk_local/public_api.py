"""A small client of the shop's public API: JSON over kept-alive connections, with the API's own words in its errors."""

from __future__ import annotations

import http.client
import ipaddress
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from souk_local.console import Failure

# A server may close a connection that has been silent; one that was used a moment ago is still open.
IDLE_SECONDS = 1.5
PAGE = 100


class ApiError(Exception):
    """The API refused. `code` is one of its registered codes, `errors` its list of faults, both empty if it sent none."""

    def __init__(self, request: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.detail = str(problem.get("detail") or problem.get("title") or problem.get("message") or "")
        self.errors = [fault for fault in problem.get("errors") or [] if isinstance(fault, dict)]
        faults = "".join(f"\n  {_fault(fault)}" for fault in self.errors)
        super().__init__(f"{request} was answered {status} {self.code}: {self.detail or 'no detail'}{faults}")


class Unreachable(Exception):
    """No answer: the connection was refused, lost or too slow. Whether the request had an effect is not known."""


class NotLoopback(Failure):
    """The address belongs to another machine, and what was asked for is only done to this one."""


def _fault(fault: Mapping[str, Any]) -> str:
    words = (fault.get("pointer"), fault.get("code"), fault.get("detail"))
    return " ".join(str(word) for word in words if word)


def require_loopback(url: str) -> None:
    """Refuses every address but this machine's own; a name counts as what it resolves to."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise NotLoopback(f"{url!r} is not an http address")
    if not all(ipaddress.ip_address(address).is_loopback for address in _addresses(url, host)):
        raise NotLoopback(f"{host} is not this machine: the demo shop is only put into a local one")


def _addresses(url: str, host: str) -> set[str]:
    if host == "localhost":
        return {"127.0.0.1"}
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotLoopback(f"{host} in {url!r} does not resolve, so it is not known to be this machine") from error
    return {str(address[0]).split("%")[0] for *_, address in found}


class Api:
    """The API at `url` (which ends in `/v1`), as the holder of `token` or as a guest.

    Threads may share one: each gets a connection of its own. Leaving the `with` block closes them all.
    """

    def __init__(self, url: str, token: str | None = None, timeout: float = 60.0) -> None:
        self._base = urlsplit(url.rstrip("/"))
        self._token = token
        self._timeout = timeout
        self._mine = threading.local()
        self._opened: list[http.client.HTTPConnection] = []

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._opened:
            connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        """What is at `path`."""
        return self.call("GET", path, None, headers)

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Any:
        """Sends `body`; an `Idempotency-Key` of its own goes with it unless `headers` brings one."""
        return self.call("POST", path, body, {"Idempotency-Key": secrets.token_hex(16), **(headers or {})})

    def put(self, path: str, body: Any) -> Any:
        """Replaces what is at `path`."""
        return self.call("PUT", path, body)

    def products(self) -> Iterator[dict[str, Any]]:
        """The summaries of all products that the shop shows."""
        cursor: str | None = None
        while True:
            query = {"limit": PAGE, **({"cursor": cursor} if cursor else {})}
            page = self.get(f"/products?{urlencode(query)}")
            yield from page["data"]
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """One request; answers the JSON of a 2xx, raises `ApiError` for any other status."""
        sent = {"Accept": "application/json", **(headers or {})}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        status, answer = self._exchange(method, self._base.path + path, content, sent)
        if not 200 <= status < 300:
            raise ApiError(f"{method} {path}", status, _problem(answer))
        return _json(answer)

    def _exchange(self, method: str, target: str, content: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request(method, target, content, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            reason = str(error) or type(error).__name__
            raise Unreachable(f"{method} {target}: no answer from {self._base.netloc} ({reason})") from error
        self._mine.used = time.monotonic()
        return response.status, answer

    def _connection(self) -> http.client.HTTPConnection:
        """This thread's connection; it opens by itself when used while closed."""
        connection: http.client.HTTPConnection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = connect(self._base, self._timeout)
            self._opened.append(connection)
        elif time.monotonic() - getattr(self._mine, "used", 0.0) > IDLE_SECONDS:
            connection.close()
        return connection


def connect(url: SplitResult, timeout: float) -> http.client.HTTPConnection:
    """A connection to the host of `url`, opened at its first request."""
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    return kind(url.hostname or "", url.port, timeout=timeout)


def _json(content: bytes) -> Any:
    """The JSON of an answer, or nothing if it is empty or something else, such as a proxy's page."""
    try:
        return json.loads(content)
    except ValueError:
        return None


def _problem(content: bytes) -> dict[str, Any]:
    answer = _json(content)
    return answer if isinstance(answer, dict) else {"detail": content[:200].decode("utf-8", "replace").strip()}
