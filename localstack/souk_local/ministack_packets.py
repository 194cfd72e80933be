"""MiniStack's answers in one packet each: it sends headers and body one after the other, and whoever waits for them is woken twice."""

from __future__ import annotations

from typing import Any


def install(h11: Any, hypercorn_h11: Any, lambda_runtime: Any) -> None:
    """Mends MiniStack's servers in this process: the one for everybody, and those that hand functions their events."""
    _hold_headers_back(h11, hypercorn_h11)
    _buffer_events(lambda_runtime.ProvidedWorker)


def _hold_headers_back(h11: Any, hypercorn_h11: Any) -> None:
    async def send_h11_event(protocol: Any, event: Any) -> None:
        try:
            data = protocol.connection.send(event)
        except h11.LocalProtocolError:
            if protocol.connection.their_state != h11.ERROR:
                raise
            return
        data = protocol.__dict__.pop("held_back", b"") + data
        if type(event) is h11.Response and any(name == b"content-length" for name, _ in event.headers):
            # Its body follows at once. A stream's may take as long as it likes: its headers leave now.
            protocol.held_back = data
        elif data:
            await protocol.send(hypercorn_h11.RawData(data=data))

    hypercorn_h11.H11Protocol._send_h11_event = send_h11_event


def _buffer_events(worker: Any) -> None:
    build = worker._build_handler_class

    def build_handler_class(*arguments: Any) -> Any:
        handler = build(*arguments)
        # It flushes after each answer.
        handler.wbufsize = -1
        return handler

    worker._build_handler_class = build_handler_class
