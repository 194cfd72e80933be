"""Making somebody staff writes the profile and the list of admins, once, and never over somebody else's change."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from souk_local import staff  # noqa: E402 (needs the path above)
from souk_local.clients import ClientError  # noqa: E402
from souk_local.console import Failure  # noqa: E402
from souk_local.places import Place  # noqa: E402

ADA, BOB = "ada", "bob"


class Table:
    """Rows of the users' table; `rivals` writes are refused as if somebody had been faster."""

    def __init__(self, rivals: int = 0) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.rivals = rivals
        self.writes = 0

    def add(self, pk: str, sk: str, **body: Any) -> None:
        self.rows[f"{pk} {sk}"] = {"version": {"N": "1"}, **body}

    def get_item(self, Key: dict[str, Any], **_: Any) -> dict[str, Any]:
        row = self.rows.get(f"{Key['pk']['S']} {Key['sk']['S']}")
        return {"Item": row} if row else {}

    def transact_write_items(self, TransactItems: list[dict[str, Any]]) -> None:
        if self.rivals:
            self.rivals -= 1
            raise ClientError({"Error": {"Code": "TransactionCanceledException"}}, "TransactWriteItems")
        self.writes += 1
        for item in TransactItems:
            put, update = item.get("Put"), item.get("Update")
            if put:
                row = dict(put["Item"])
                self.rows[f"{row['pk']['S']} {row['sk']['S']}"] = row
            if update:
                row = self.get_item(update["Key"])["Item"]
                row[update["ExpressionAttributeNames"]["#list"]] = update["ExpressionAttributeValues"][":list"]

    def texts(self, pk: str, sk: str, name: str) -> list[str]:
        return [text["S"] for text in self.rows[f"{pk} {sk}"][name]["L"]]


def grant(table: Table, user: str, group: str) -> None:
    staff.grant(lambda _: table, Place("test"), user, group)  # type: ignore[arg-type]


class Granting(unittest.TestCase):
    def setUp(self) -> None:
        self.table = Table()
        for user in (ADA, BOB):
            self.table.add(f"USER#{user}", "PROFILE")

    def test_the_first_admin_begins_the_list_and_the_next_joins_it(self) -> None:
        for user in (BOB, ADA):
            grant(self.table, user, "admin")
        self.assertEqual(self.table.texts("STAFF", "ADMINS", "admins"), [ADA, BOB])
        self.assertEqual(self.table.texts(f"USER#{ADA}", "PROFILE", "groups"), ["admin"])

    def test_a_group_joins_those_that_are_there(self) -> None:
        for group in ("warehouse", "support"):
            grant(self.table, ADA, group)
        self.assertEqual(self.table.texts(f"USER#{ADA}", "PROFILE", "groups"), ["support", "warehouse"])
        self.assertNotIn("STAFF ADMINS", self.table.rows)

    def test_granting_twice_writes_once(self) -> None:
        grant(self.table, ADA, "admin")
        grant(self.table, ADA, "admin")
        self.assertEqual(self.table.writes, 1)

    def test_somebody_disabled_gets_the_group_and_is_no_admin_yet(self) -> None:
        self.table.add(f"USER#{ADA}", "PROFILE", status={"S": "disabled"})
        grant(self.table, ADA, "admin")
        self.assertNotIn("STAFF ADMINS", self.table.rows)

    def test_a_rival_is_read_again_and_not_for_ever(self) -> None:
        self.table.rivals = 2
        grant(self.table, ADA, "admin")
        self.assertEqual(self.table.writes, 1)
        self.table.rivals = 99
        with self.assertRaises(Failure):
            grant(self.table, BOB, "admin")

    def test_an_account_without_a_profile_is_told_what_to_do(self) -> None:
        self.table.add("USER#gone", "PROFILE", status={"S": "deleted"})
        for user in ("nobody", "gone"):
            with self.assertRaises(Failure) as refused:
                grant(self.table, user, "admin")
            self.assertIn("sign in", refused.exception.next_step)


if __name__ == "__main__":
    unittest.main()
