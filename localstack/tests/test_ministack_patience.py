"""How MiniStack waits for functions."""

from __future__ import annotations

import queue
import socketserver
import threading
import unittest
from types import SimpleNamespace

from souk_local import ministack_patience as patience

FAR_BELOW_THE_LONGEST_WAIT = 10.0


class Answering(socketserver.ThreadingTCPServer):
    serve_forever = patience.serve_forever
    shutdown = patience.shutdown


class Patience(unittest.TestCase):
    def test_an_idle_environment_does_not_ask_again_and_gets_its_event(self) -> None:
        events, got = patience.EventQueue(maxsize=1), []
        waiting = threading.Thread(target=lambda: got.append(events.get(timeout=0.01)))
        waiting.start()
        waiting.join(0.1)
        self.assertTrue(waiting.is_alive(), "it gave up after its ten milliseconds")
        events.put("event")
        waiting.join(FAR_BELOW_THE_LONGEST_WAIT)
        self.assertEqual(got, ["event"])

    def test_other_queues_wait_as_long_as_they_are_told(self) -> None:
        with self.assertRaises(queue.Empty):
            patience.EventQueue(maxsize=100).get(timeout=0.01)

    def test_an_environment_stops_when_it_is_told_to(self) -> None:
        with Answering(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
            serving = threading.Thread(target=server.serve_forever)
            serving.start()
            server.shutdown()
            serving.join(FAR_BELOW_THE_LONGEST_WAIT)
            self.assertFalse(serving.is_alive())

    def test_what_is_logged_late_is_part_of_its_invocation(self) -> None:
        worker = SimpleNamespace(_stderr_queue=queue.Queue())
        threading.Timer(0.1, worker._stderr_queue.put, ["a line"]).start()
        self.assertEqual(patience.logged(worker), "a line")
        self.assertEqual(patience.logged(worker, first_line_wait=0.01), "")


if __name__ == "__main__":
    unittest.main()
