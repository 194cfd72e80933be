"""Who is staff, as the users' table has it: a group of Cognito counts on staff routes only for whom this row names it, too."""

from __future__ import annotations

from typing import Any

from souk_local.clients import ClientError, Clients, code_of
from souk_local.console import Failure
from souk_local.places import Place

GROUPS = ("admin", "support", "warehouse")
# When others change the same rows at the same time.
_TRIES = 5
_ADMINS = {"pk": {"S": "STAFF"}, "sk": {"S": "ADMINS"}}


def grant(clients: Clients, place: Place, user_id: str, group: str) -> None:
    """Puts a profile into a staff group and, as an admin, on the list of admins; does nothing where both are so already."""
    dynamodb, table = clients("dynamodb"), f"souk-{place.environment}-users"
    for _ in range(_TRIES):
        writes = _writes(dynamodb, table, user_id, group)
        if not writes:
            return
        try:
            dynamodb.transact_write_items(TransactItems=writes)
            return
        except ClientError as error:
            if code_of(error) != "TransactionCanceledException":
                raise
    raise Failure("the account kept changing", "try again")


def _writes(dynamodb: Any, table: str, user_id: str, group: str) -> list[dict[str, Any]]:
    key = {"pk": {"S": f"USER#{user_id}"}, "sk": {"S": "PROFILE"}}
    profile = _row(dynamodb, table, key)
    status = profile.get("status", {"S": "active"})["S"]
    if not profile or status == "deleted":
        raise Failure("the account has no profile", "sign in with it once, then try again")
    groups = [known["S"] for known in profile.get("groups", {"L": []})["L"]]
    wanted = [known for known in GROUPS if known in (*groups, group)]
    writes = []
    if wanted != groups:
        writes.append(_set(table, key, profile, "groups", wanted))
    if "admin" in wanted and status == "active":
        row = _row(dynamodb, table, _ADMINS)
        admins = [known["S"] for known in row.get("admins", {"L": []})["L"]]
        if user_id not in admins:
            writes.append(_set(table, _ADMINS, row, "admins", sorted([*admins, user_id])) if row else _first_admin(table, user_id))
    return writes


def _row(dynamodb: Any, table: str, key: dict[str, Any]) -> dict[str, Any]:
    return dict(dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {}))


def _set(table: str, key: dict[str, Any], row: dict[str, Any], name: str, texts: list[str]) -> dict[str, Any]:
    """Changes one list of a row, if the row is still as it was read."""
    return {
        "Update": {
            "TableName": table,
            "Key": key,
            "UpdateExpression": "SET #list = :list ADD #version :one",
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#list": name, "#version": "version"},
            "ExpressionAttributeValues": {":list": _list(texts), ":version": row["version"], ":one": {"N": "1"}},
        }
    }


def _first_admin(table: str, user_id: str) -> dict[str, Any]:
    body = {"type": {"S": "admins"}, "schema": {"N": "1"}, "version": {"N": "1"}, "admins": _list([user_id])}
    return {"Put": {"TableName": table, "Item": {**_ADMINS, **body}, "ConditionExpression": "attribute_not_exists(pk)"}}


def _list(texts: list[str]) -> dict[str, Any]:
    return {"L": [{"S": text} for text in texts]}
