"""What keeps the rest true: rows that can be read, events that leave, mails that go once, nothing given up."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from souk_local.rules import GRACE, Finding, Rule
from souk_local.snapshot import Snapshot

# A queue delivers five times; after that the message is in the dead-letter queue.
_MAIL_TAKES = timedelta(minutes=15)


def readable(shop: Snapshot) -> Finding:
    found = Finding(shop.size)
    for row, fault in shop.unreadable:
        found.wrong(row.key, "a row that reads", fault)
    return found


def outbox(shop: Snapshot) -> Finding:
    found = Finding(len(shop.of("outbox")))
    for row in shop.of("outbox"):
        # One from the future would wait for its time, and the sweep with it.
        if abs(shop.now - row.at("created_at")) > GRACE:
            found.wrong(row.key, f"{row['detail_type']} of {row.table} to be sent within five minutes", f"it waits since {row['created_at']}")
    return found


def mails(shop: Snapshot) -> Finding:
    rows = shop.of("mail")
    found = Finding(len(rows))
    # A notice about an account names no order, and may come as often as it happens.
    about_orders = [row for row in rows if row.get("order_id")]
    recipients = {(row["event_id"], row["order_id"], row["notice"], row["pk"].rpartition("#")[2]) for row in about_orders}
    for (order_id, notice, _), times in Counter((order_id, notice, who) for _, order_id, notice, who in recipients).items():
        if times > 1:
            found.wrong(order_id, f"one event to mail {notice} for", f"{times} events")
    for row in rows:
        if not row["pk"].startswith(f"MAIL#{row['event_id']}#"):
            found.wrong(row.key, f"the key of event {row['event_id']}", row["pk"])
        if row["status"] in ("sending", "waiting") and shop.now > row.at("started_at") + _MAIL_TAKES:
            found.wrong(row.get("order_id") or row.key, f"its mail {row['notice']} sent or given up", f"{row['status']} since {row['started_at']}")
    return found


def mailbox(shop: Snapshot) -> Finding:
    """What the emulator's mailbox holds; an account's mails cannot be read, so there is nothing to count there."""
    found = Finding(len(shop.mails))
    excused = {order["number"] for id, order in shop.orders.items() if id in shop.possibly_repeated}
    for mail, times in Counter(shop.mails).items():
        if times > 1 and mail.number not in excused:
            found.wrong(mail.number, f"one mail {mail.subject!r}, or a log line that it was possibly_repeated", f"{times} to {mail.to}")
    return found


def dead_letters(shop: Snapshot) -> Finding:
    found = Finding(len(shop.dead_letters))
    for queue, messages in shop.dead_letters.items():
        if messages:
            found.wrong(queue, "no message", messages)
    return found


RULES = (
    Rule("every row is of a kind and schema that its service writes", "rows", readable, "a newer or foreign writer: deploy the release that reads it"),
    Rule("no event waits in an outbox for more than five minutes", "outbox rows", outbox, "look for errors of that service's relay and sweep"),
    Rule("a notice about an order goes to one recipient once", "mails", mails, "look for errors of notifications-send-email"),
    Rule("no mail left twice, unless it says so", "mails in the mailbox", mailbox, "look for errors of notifications-send-email"),
    Rule("dead-letter queues are empty", "queues", dead_letters, "read the messages, mend the cause, then redrive the queue"),
)
