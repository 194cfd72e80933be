"""A local AWS that answers sooner answers the same."""

from __future__ import annotations

import copy
import json
import time
import unittest
from typing import Any
from unittest import mock

from own_module import of_its_own

from souk_local import ministack_speed as speed

TABLE = {
    "TableName": "rows",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "gsi1pk")],
    "GlobalSecondaryIndexes": [
        {"IndexName": "gsi1", "KeySchema": [{"AttributeName": "gsi1pk", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}},
    ],
}


def sped_up() -> tuple[Any, Any, Any]:
    modules = tuple(of_its_own(f"ministack.{name}") for name in ("services.dynamodb", "core.iam_evaluator", "services.sqs"))
    speed.install(*modules)
    return modules


def row(pk: str, sk: str, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}, "count": {"N": "1"}, "bought": {"L": [{"M": {"sku": {"S": sk}}}]}, **more}


class Rows(unittest.TestCase):
    """Each request goes to both: to the emulator as it comes, and to the one that was sped up."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.usual = of_its_own("ministack.services.dynamodb")
        cls.quick, _, _ = sped_up()
        for dynamodb in (cls.usual, cls.quick):
            dynamodb._create_table(copy.deepcopy(TABLE))
            for number in range(30):
                dynamodb._put_item({"TableName": "rows", "Item": row("p", f"A#{number:02}", gsi1pk={"S": "all"})})
            dynamodb._put_item({"TableName": "rows", "Item": row("p", "B#1")})

    def asked(self, operation: str, **request: Any) -> tuple[int, Any]:
        """What both answer."""
        answers = []
        for dynamodb in (self.usual, self.quick):
            status, _, body = getattr(dynamodb, operation)({"TableName": "rows", **copy.deepcopy(request)})
            answers.append((status, json.loads(body)))
        self.assertEqual(answers[1], answers[0], request)
        return answers[0]

    def query(self, condition: str, names: dict[str, str] | None = None, **request: Any) -> tuple[int, list[str]]:
        used = {ref: text for ref, text in ((":p", "p"), (":a", "A#"), (":low", "A#03"), (":high", "A#07")) if ref in condition}
        values = {ref: {"S": text} for ref, text in used.items()}
        aliases = {"ExpressionAttributeNames": names} if names else {}
        status, body = self.asked("_query", KeyConditionExpression=condition, ExpressionAttributeValues=values, **aliases, **request)
        return status, [found["sk"]["S"] for found in body.get("Items", [])]

    def test_a_condition_on_keys_finds_the_same_rows_in_the_same_order(self) -> None:
        for condition, rows in (
            ("pk = :p", 31),
            ("pk=:p AND begins_with(sk, :a)", 30),
            ("pk = :p and BEGINS_WITH ( sk , :a )", 30),
            ("pk = :p AND sk BETWEEN :low AND :high", 5),
            ("sk between :low and :high AND pk = :p", 5),
            ("pk = :p AND sk < :low", 3),
            ("pk = :p AND sk <= :low", 4),
            ("pk = :p AND sk > :high", 23),
            ("pk = :p AND sk >= :high", 24),
            ("pk = :p AND sk = :low", 1),
            ("(pk = :p) AND (sk = :low)", 1),
        ):
            self.assertEqual((200, rows), (self.query(condition)[0], len(self.query(condition)[1])), condition)
        aliased = self.query("#k = :p AND begins_with(#s, :a)", {"#k": "pk", "#s": "sk"}, ScanIndexForward=False, Limit=3)
        self.assertEqual(aliased, (200, ["A#29", "A#28", "A#27"]))

    def test_pages_indexes_and_filters_are_as_before(self) -> None:
        self.assertEqual(self.query("pk = :p", ExclusiveStartKey={"pk": {"S": "p"}, "sk": {"S": "A#28"}})[1], ["A#29", "B#1"])
        _, body = self.asked("_query", IndexName="gsi1", KeyConditionExpression="gsi1pk = :g", ExpressionAttributeValues={":g": {"S": "all"}}, Limit=4)
        self.assertEqual((body["Count"], "LastEvaluatedKey" in body), (4, True))
        values = {":p": {"S": "p"}, ":n": {"S": "A#07"}}
        _, body = self.asked("_query", KeyConditionExpression="pk = :p", FilterExpression="bought[0].sku = :n", ExpressionAttributeValues=values)
        self.assertEqual(body["Count"], 1)

    def test_what_is_wrong_is_refused_in_the_same_words_each_time(self) -> None:
        for _ in range(2):
            for condition in ("pk = :p AND", "pk = :p AND ((sk = :low))", "pk = :p AND name = :low", "pk = :p AND sk BETWEEN :high AND :low", "sk = :low"):
                self.assertEqual(self.query(condition)[0], 400, condition)
            self.assertEqual(self.query("pk = :p AND #x = :low", {"#x": "count"})[0], 400)
            refused = self.asked("_update_item", Key={"pk": {"S": "p"}, "sk": {"S": "B#1"}}, UpdateExpression="SET name = if_not_exists(")
            self.assertEqual(refused[0], 400)
            self.assertEqual(self.asked("_put_item", Item=row("p", "C"), ConditionExpression="attribute_exists(")[0], 400)

    def test_writes_and_transactions_leave_the_same_rows(self) -> None:
        key = {"pk": {"S": "w"}, "sk": {"S": "1"}}
        change = {
            "Key": key,
            "UpdateExpression": "SET #c = if_not_exists(#c, :o) + :o, kept = bought, bought[0].M2 = :o REMOVE gone ADD seen :s",
            "ExpressionAttributeNames": {"#c": "count"},
            "ExpressionAttributeValues": {":o": {"N": "1"}, ":s": {"SS": ["x"]}},
        }
        self.assertEqual(self.asked("_put_item", Item=row("w", "1", gone={"S": ""}), ConditionExpression="attribute_not_exists(pk)")[0], 200)
        self.assertEqual(self.asked("_put_item", Item=row("w", "1"), ConditionExpression="attribute_not_exists(pk)")[0], 400)
        self.assertEqual(self.asked("_update_item", **change, ReturnValues="ALL_NEW")[0], 200)
        table = {"TableName": "rows"}
        items = [{"Update": {**table, **change}}, {"Put": {**table, "Item": row("w", "2")}}]
        self.assertEqual(self.asked("_transact_write_items", TransactItems=items)[0], 200)
        refused = {"Put": {**table, "Item": row("w", "3"), "ConditionExpression": "attribute_exists(pk)"}}
        self.assertEqual(self.asked("_transact_write_items", TransactItems=[*items, refused])[0], 400)
        _, body = self.asked("_query", KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "w"}})
        self.assertEqual([found["count"]["N"] for found in body["Items"]], ["3", "1"])

    def test_a_condition_is_interpreted_for_the_first_row_only(self) -> None:
        with mock.patch.object(self.quick, "_ExprEval", wraps=self.quick._ExprEval) as interpreted:
            self.query("pk = :p AND begins_with(sk, :a)")
        self.assertEqual(interpreted.call_count, 1)


class Keys(unittest.TestCase):
    def test_other_conditions_than_those_on_strings_are_left_to_the_emulator(self) -> None:
        values = {":p": {"S": "p"}, ":n": {"N": "1"}}
        for condition in ("pk = :n", "pk <> :p", "NOT pk = :p", "pk = :p OR sk = :p", "pk = :p AND", "pk = :missing", "size(pk) = :p", "(pk = :p)", ""):
            self.assertEqual(speed.key_terms(condition, values, {}), [], condition)
        self.assertEqual([name for name, _ in speed.key_terms("#k = :p AND sk < :p", values, {"#k": "pk"})], ["pk", "sk"])

    def test_a_copy_shares_nothing_that_changes(self) -> None:
        original = row("p", "s", deep={"M": {"list": {"L": [{"N": "1"}, {"NULL": True}]}}}, raw={"B": b"x"})
        duplicate = speed.copied(original)
        self.assertEqual(duplicate, original)
        duplicate["deep"]["M"]["list"]["L"][0]["N"] = "2"
        self.assertEqual(original["deep"]["M"]["list"]["L"][0]["N"], "1")
        unusual = {"set": {1}}
        self.assertIsNot(speed.copied(unusual)["set"], unusual["set"])


class Policies(unittest.TestCase):
    def test_a_policy_is_read_once_and_a_changed_one_anew(self) -> None:
        _, iam, _ = sped_up()
        usual = of_its_own("ministack.core.iam_evaluator")
        for action in ("dynamodb:PutItem", "dynamodb:GetItem"):
            policy = json.dumps({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": {"Bool": {"a": "b"}}}})
            with mock.patch.object(iam, "ParsedStatement", wraps=iam.ParsedStatement) as parsed:
                first, second = iam.parse_policy_document(policy), iam.parse_policy_document(policy)
            self.assertEqual(parsed.call_count, 1)
            self.assertEqual([vars(statement) for statement in first], [vars(statement) for statement in usual.parse_policy_document(policy)])
            first.clear()
            self.assertEqual(len(second), 1)
        self.assertEqual(iam.parse_policy_document("no policy"), [])
        self.assertEqual(len(iam.parse_policy_document({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})), 1)


class Queues(unittest.TestCase):
    def test_only_what_is_due_is_handed_out(self) -> None:
        _, _, sqs = sped_up()
        url = sqs._act_create_queue({"QueueName": "q"}, "")["QueueUrl"]
        self.assertEqual(sqs._receive_messages_for_esm(url, 10), [])
        for body, delay in (("later", 900), ("now", 0)):
            sqs._act_send_message({"QueueUrl": url, "MessageBody": body, "DelaySeconds": delay}, url)
        self.assertEqual([message["body"] for message in sqs._receive_messages_for_esm(url, 10)], ["now"])
        self.assertEqual(sqs._receive_messages_for_esm(url, 10), [])
        for message in sqs._queues[url]["messages"]:
            message["visible_at"] = time.time()
        self.assertEqual({message["body"] for message in sqs._receive_messages_for_esm(url, 10)}, {"later", "now"})


if __name__ == "__main__":
    unittest.main()
