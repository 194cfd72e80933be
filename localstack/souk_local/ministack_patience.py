"""How MiniStack waits for functions: it asks again and again, for each environment, and hundreds of idle ones take a whole core.

Each environment asks ten times a second whether there is an event, and ten times whether it is to stop; each invocation asks a
thousand times a second what the function has logged, gives up after 50 ms, and leaves what comes later to the next invocation's
log. Here they are woken by what they wait for.
"""

from __future__ import annotations

import queue
import socket
import socketserver
from types import SimpleNamespace
from typing import Any

# Whoever waits is woken; this is only how long one that was forgotten stays.
_SECONDS = 60.0
# Each invocation of ours logs something: the wait ends with it.
_FIRST_LINE_SECONDS = 1.0
_NEXT_LINE_SECONDS = 0.005


class EventQueue(queue.Queue[Any]):
    """Holds the one event that an environment is to handle; what it has logged is in a larger one."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if self.maxsize == 1 and timeout is not None:
            timeout = _SECONDS
        return super().get(block, timeout)


def serve_forever(server: socketserver.ThreadingTCPServer, poll_interval: float = 0.5) -> None:
    """Until [`shutdown`]."""
    socketserver.BaseServer.serve_forever(server, max(poll_interval, _SECONDS))


def shutdown(server: socketserver.ThreadingTCPServer) -> None:
    """Wakes the server, which sees that it is to stop."""
    server._BaseServer__shutdown_request = True  # type: ignore[attr-defined]
    try:
        socket.create_connection(server.server_address[:2], timeout=1).close()  # type: ignore[arg-type]
    except OSError:
        # It does not listen any more.
        pass
    server._BaseServer__is_shut_down.wait(_SECONDS)  # type: ignore[attr-defined]


def logged(worker: Any, first_line_wait: float = _FIRST_LINE_SECONDS, **_: float) -> str:
    """What the function has logged, once it is quiet."""
    lines, wait = [], first_line_wait
    try:
        while True:
            lines.append(worker._stderr_queue.get(timeout=wait))
            wait = _NEXT_LINE_SECONDS
    except queue.Empty:
        return "\n".join(lines)


def install(lambda_runtime: Any) -> None:
    """Mends MiniStack's environments in this process."""
    lambda_runtime.queue = SimpleNamespace(Queue=EventQueue, Empty=queue.Empty, Full=queue.Full)
    lambda_runtime.Worker._drain_stderr_bounded = logged
    socketserver.ThreadingTCPServer.serve_forever = serve_forever  # type: ignore[method-assign]
    socketserver.ThreadingTCPServer.shutdown = shutdown  # type: ignore[method-assign]
