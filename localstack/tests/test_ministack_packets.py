"""The local AWS sends an answer in one packet, and it is the answer that it sent in two."""

from __future__ import annotations

import asyncio
import http.client
import queue
import socketserver
import threading
import unittest
from types import SimpleNamespace
from typing import Any

import h11
from hypercorn.config import Config
from hypercorn.protocol.events import Body, EndBody, Response
from own_module import of_its_own

from souk_local import ministack_packets as packets

REQUEST = b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n"
FAR_BELOW_THE_LONGEST_WAIT = 10.0


class Answers(unittest.TestCase):
    def sent(self, mended: bool, *events: Any) -> list[bytes]:
        """What leaves for a request that is answered with these events."""
        server, left = of_its_own("hypercorn.protocol.h11"), []
        if mended:
            packets.install(h11, server, SimpleNamespace(ProvidedWorker=SimpleNamespace(_build_handler_class=None)))

        async def send(event: Any) -> None:
            left.append(event.data)

        async def answer() -> None:
            config = Config()
            config.include_date_header = False
            context = SimpleNamespace(event_class=lambda: None)
            protocol = server.H11Protocol(None, config, context, None, None, False, None, None, send)
            protocol.connection.receive_data(REQUEST)
            protocol.connection.next_event()
            for event in events:
                await protocol.stream_send(event)

        asyncio.run(answer())
        return [data for data in left if data]

    def test_headers_wait_for_the_body_they_announce(self) -> None:
        answer = (Response(1, [(b"content-length", b"5")], 200), Body(1, b"hello"), EndBody(1))
        self.assertEqual(len(self.sent(False, *answer)), 2)
        together = self.sent(True, *answer)
        self.assertEqual(together, [b"".join(self.sent(False, *answer))])
        self.assertTrue(together[0].endswith(b"\r\n\r\nhello"))

    def test_an_answer_without_a_body_leaves_as_well(self) -> None:
        answer = (Response(1, [(b"content-length", b"0")], 404), EndBody(1))
        self.assertEqual(self.sent(True, *answer), self.sent(False, *answer))

    def test_a_stream_begins_at_once(self) -> None:
        self.assertEqual(len(self.sent(True, Response(1, [], 200))), 1)
        stream = (Response(1, [], 200), Body(1, b"a"), Body(1, b"b"), EndBody(1))
        self.assertEqual(self.sent(True, *stream), self.sent(False, *stream))


class Events(unittest.TestCase):
    def test_a_function_gets_its_event_and_its_answer_is_taken(self) -> None:
        runtime = of_its_own("ministack.core.lambda_runtime")
        packets.install(h11, of_its_own("hypercorn.protocol.h11"), runtime)
        worker, events = runtime.ProvidedWorker("function", {}, b""), queue.Queue()
        handler = worker._build_handler_class(worker._generation, events)
        worker._stopping = False
        self.assertEqual(handler.wbufsize, -1)
        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            function = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=FAR_BELOW_THE_LONGEST_WAIT)
            for request_id in ("first", "second"):
                events.put((request_id, {"id": request_id}, 0, None, "arn"))
                worker._current_request_id = request_id
                function.request("GET", "/2018-06-01/runtime/invocation/next")
                event = function.getresponse()
                self.assertEqual((event.getheader("Lambda-Runtime-Aws-Request-Id"), event.read()), (request_id, b'{"id": "%s"}' % request_id.encode()))
                function.request("POST", f"/2018-06-01/runtime/invocation/{request_id}/response", b'{"ok": true}')
                taken = function.getresponse()
                self.assertEqual((taken.status, taken.read(), worker._result), (202, b"", {"response": {"ok": True}}))
            function.close()
            server.shutdown()


if __name__ == "__main__":
    unittest.main()
