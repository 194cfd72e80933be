"""The local Cognito keeps an e-mail address until a code says that the new one is theirs, as AWS does."""

from __future__ import annotations

import asyncio
import json
import unittest
from types import SimpleNamespace
from typing import Any

from souk_local import ministack_email_change
from souk_local.ministack_email_change import CODE


def fake_cognito(pool: dict[str, Any]) -> SimpleNamespace:
    """The parts of the emulator's Cognito that are used, over one pool; a token is its user's name."""
    cognito = SimpleNamespace(sent=[], _UNSIGNED_IDP_ACTIONS=set())

    def to_dict(attributes: list[dict[str, str]]) -> dict[str, str]:
        return {attribute["Name"]: attribute["Value"] for attribute in attributes}

    def to_list(attributes: dict[str, str]) -> list[dict[str, str]]:
        return [{"Name": name, "Value": value} for name, value in attributes.items()]

    def merge(known: list[dict[str, str]], new: list[dict[str, str]]) -> list[dict[str, str]]:
        return to_list({**to_dict(known), **to_dict(new)})

    def answer(body: dict[str, Any], status: int = 200) -> tuple[int, Any, bytes]:
        return status, {}, json.dumps(body).encode()

    def error(code: str, message: str, status: int) -> tuple[int, Any, bytes]:
        return answer({"__type": code, "message": message}, status)

    def update_at_once(data: dict[str, Any]) -> tuple[int, Any, bytes]:
        user = pool["_users"][data["AccessToken"]]
        user["Attributes"] = merge(user["Attributes"], data["UserAttributes"])
        return answer({})

    def code_error(issued: str | None, code: str) -> tuple[int, Any, bytes] | None:
        if not issued:
            return error("ExpiredCodeException", "", 400)
        return None if code == issued else error("CodeMismatchException", "", 400)

    async def dispatch(action: str, data: dict[str, Any]) -> tuple[int, Any, bytes]:
        assert action == "UpdateUserAttributes"
        return cognito._update_user_attributes(data)

    async def run_reentrant(run: Any, *arguments: Any, thread_name: str) -> Any:
        return run(*arguments)

    cognito._attr_list_to_dict, cognito._dict_to_attr_list, cognito._merge_attributes = to_dict, to_list, merge
    cognito.json_response, cognito.error_response_json, cognito._code_error = answer, error, code_error
    cognito._update_user_attributes, cognito._dispatch_idp = update_at_once, dispatch
    cognito._run_idp_handler = lambda handler, _, data: handler(data)
    cognito.run_reentrant = run_reentrant
    cognito._user_pool_for_access_token = lambda token: (pool["_users"].get(token), pool)
    cognito._send_verification_email = lambda _, __, attributes, code: cognito.sent.append((attributes["email"], code))
    ministack_email_change.install(cognito)
    return cognito


def user(name: str) -> dict[str, Any]:
    return {"Username": name, "Attributes": [{"Name": "email", "Value": f"{name}@example.com"}]}


class EmailChange(unittest.TestCase):
    def setUp(self) -> None:
        settings = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
        self.pool = {"UserAttributeUpdateSettings": settings, "_users": {"ada": user("ada"), "bob": user("bob")}}
        self.cognito = fake_cognito(self.pool)

    def ask(self, action: str, **data: Any) -> str:
        """The error, or nothing."""
        _, _, body = asyncio.run(self.cognito._dispatch_idp(action, {"AccessToken": "ada", **data}))
        return str(json.loads(body).get("__type", ""))

    def change(self, **attributes: str) -> None:
        self.ask("UpdateUserAttributes", UserAttributes=self.cognito._dict_to_attr_list(attributes))

    def verify(self, code: str) -> str:
        return self.ask("VerifyUserAttribute", AttributeName="email", Code=code)

    def known(self, name: str = "ada") -> dict[str, str]:
        return dict(self.cognito._attr_list_to_dict(self.pool["_users"][name]["Attributes"]))

    def test_the_old_address_stays_until_the_code_of_the_new_one_comes_back(self) -> None:
        self.change(email="countess@example.com", name="Countess")
        self.assertEqual(self.known(), {"email": "ada@example.com", "name": "Countess"})
        self.assertEqual(self.cognito.sent, [("countess@example.com", CODE)])
        self.assertEqual(self.verify("000000"), "CodeMismatchException")
        self.assertEqual(self.known()["email"], "ada@example.com")
        self.assertEqual(self.verify(CODE), "")
        self.assertEqual((self.known()["email"], self.known()["email_verified"]), ("countess@example.com", "true"))

    def test_a_code_is_spent_by_its_use(self) -> None:
        self.assertEqual(self.verify(CODE), "ExpiredCodeException")
        self.change(email="countess@example.com")
        self.verify(CODE)
        self.assertEqual(self.verify(CODE), "ExpiredCodeException")

    def test_the_address_of_another_account_is_refused(self) -> None:
        self.change(email="bob@example.com")
        self.assertEqual(self.verify(CODE), "AliasExistsException")
        self.assertEqual(self.known()["email"], "ada@example.com")

    def test_whatever_else_changes_is_changed_at_once(self) -> None:
        self.change(name="Countess")
        self.assertEqual((self.known()["name"], self.cognito.sent), ("Countess", []))

    def test_nobody_who_is_not_signed_in_verifies_anything(self) -> None:
        self.assertEqual(self.ask("VerifyUserAttribute", AccessToken="eve", Code=CODE), "NotAuthorizedException")

    def test_a_pool_that_asks_for_no_verification_gets_none(self) -> None:
        del self.pool["UserAttributeUpdateSettings"]
        self.change(email="countess@example.com")
        self.assertEqual(self.known()["email"], "countess@example.com")


if __name__ == "__main__":
    unittest.main()
