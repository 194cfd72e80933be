"""The local Cognito looks at what AWS looks at: who is confirmed, who gave the password, and when they did."""

from __future__ import annotations

import json
import unittest
from types import SimpleNamespace
from typing import Any
from unittest import mock

from souk_local import ministack_cognito

ADA = "ada@example.com"


def _user(name: str, email: str, status: str = "CONFIRMED") -> dict[str, Any]:
    return {"Username": name, "email": email, "UserStatus": status, "Enabled": True, "_password": "right"}


class Emulator:
    """MiniStack's Cognito as its own module is made, as far as it is mended: it lets everybody through."""

    def __init__(self) -> None:
        self.ada = _user("ada", ADA)
        self.eve = _user("eve", "eve@example.com")
        self.pool: dict[str, Any] = {"Id": "pool", "_clients": {"client": {"ClientSecret": "hush"}}}
        self.handled: list[str] = []
        self.claims: dict[str, Any] = {}
        answer = self._answer
        self.cognito = SimpleNamespace(
            error_response_json=lambda code, message, status: (status, {}, json.dumps({"__type": code, "message": message}).encode()),
            _pool_for_client=lambda client: (self.pool, "pool") if client == "client" else (None, None),
            _resolve_user=self._resolve_user,
            _initiate_auth=lambda data: answer("InitiateAuth"),
            _mfa_challenge_for_user=lambda pool, user, pool_id, name: {"Session": "session", "ChallengeParameters": {"USER_ID_FOR_SRP": name}},
            _respond_to_auth_challenge=self._respond,
            _token_claims=lambda token: self.claims,
            _refresh_auth_result=lambda pool, pool_id, client, token: "refreshed",
            _get_tokens_from_refresh_token=lambda data: answer("GetTokensFromRefreshToken"),
            _signed_jwt=lambda claims, pool_id="", use="": claims,
            _forgot_password=lambda data: answer("ForgotPassword"),
            _resend_confirmation_code=lambda data: answer("ResendConfirmationCode"),
        )
        ministack_cognito.install(self.cognito)

    def _answer(self, name: str) -> tuple[int, Any, bytes]:
        self.handled.append(name)
        return 200, {}, b"{}"

    def _respond(self, data: dict[str, Any]) -> tuple[int, Any, bytes]:
        code = data.get("ChallengeResponses", {}).get("SOFTWARE_TOKEN_MFA_CODE")
        return (200, {}, b"{}") if code == "123456" else (400, {}, b'{"__type": "CodeMismatchException"}')

    def _resolve_user(self, _: Any, name: str) -> tuple[dict[str, Any] | None, Any]:
        users = (self.ada, self.eve)
        return next((user for user in users if name in (user["Username"], user["email"])), None), None


def error(answer: tuple[int, Any, bytes]) -> str:
    """What was refused; empty when nothing was."""
    return str(json.loads(answer[2]).get("__type", ""))


class SignIn(unittest.TestCase):
    def setUp(self) -> None:
        self.emulator = Emulator()

    def sign_in(self, password: str) -> str:
        parameters = {"USERNAME": ADA, "PASSWORD": password}
        request = {"ClientId": "client", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
        return error(self.emulator.cognito._initiate_auth(request))

    def test_whoever_is_not_confirmed_learns_so_for_the_right_password_only(self) -> None:
        self.emulator.ada["UserStatus"] = "UNCONFIRMED"
        self.assertEqual(self.sign_in("wrong"), "NotAuthorizedException")
        self.assertEqual(self.emulator.handled, [])
        self.sign_in("right")
        self.assertEqual(self.emulator.handled, ["InitiateAuth"])

    def test_everybody_else_is_the_emulators_business(self) -> None:
        self.sign_in("wrong")
        self.emulator.cognito._initiate_auth({"ClientId": "client", "AuthFlow": "REFRESH_TOKEN_AUTH"})
        self.assertEqual(self.emulator.handled, ["InitiateAuth", "InitiateAuth"])


class SecondFactor(unittest.TestCase):
    def setUp(self) -> None:
        self.emulator = Emulator()

    def answer(self, code: str, session: str = "session", name: str = ADA) -> str:
        responses = {"USERNAME": name, "SOFTWARE_TOKEN_MFA_CODE": code}
        request = {"ClientId": "client", "ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": session, "ChallengeResponses": responses}
        return error(self.emulator.cognito._respond_to_auth_challenge(request))

    def challenge(self) -> dict[str, Any]:
        challenge: dict[str, Any] = self.emulator.cognito._mfa_challenge_for_user(self.emulator.pool, self.emulator.ada, "pool", ADA)
        return challenge

    def test_a_challenge_names_the_user_name_and_is_answered_as_it(self) -> None:
        self.assertEqual(self.challenge()["ChallengeParameters"]["USER_ID_FOR_SRP"], "ada")
        self.assertEqual(self.answer("123456", name="ada"), "")

    def test_a_code_without_the_password_is_worth_nothing(self) -> None:
        self.assertEqual(self.answer("123456"), "NotAuthorizedException")
        self.challenge()
        self.assertEqual(self.answer("123456", session="other"), "NotAuthorizedException")
        self.assertEqual(self.answer("123456", name="eve@example.com"), "NotAuthorizedException")

    def test_a_session_outlives_a_slip_and_ends_with_its_use(self) -> None:
        self.challenge()
        self.assertEqual(self.answer("000000"), "CodeMismatchException")
        self.assertEqual(self.answer("123456"), "")
        self.assertEqual(self.answer("123456"), "NotAuthorizedException")

    def test_a_session_ends_by_itself(self) -> None:
        with mock.patch.object(ministack_cognito.time, "time", return_value=0.0):
            self.challenge()
        with mock.patch.object(ministack_cognito.time, "time", return_value=180.0):
            self.assertEqual(self.answer("123456"), "NotAuthorizedException")


class Refreshes(unittest.TestCase):
    def test_a_refreshed_token_says_when_its_owner_signed_in(self) -> None:
        emulator = Emulator()
        emulator.claims = {"origin_jti": "family", "iat": 100}
        self.assertEqual(emulator.cognito._refresh_auth_result(emulator.pool, "pool", "client", "token"), "refreshed")
        signed = emulator.cognito._signed_jwt({"auth_time": 900, "origin_jti": "family"}, "pool", "access")
        self.assertEqual(signed["auth_time"], 100)
        other = emulator.cognito._signed_jwt({"auth_time": 900, "origin_jti": "other"}, "pool", "access")
        self.assertEqual(other["auth_time"], 900)

    def test_a_refresh_token_takes_the_secret_of_the_app_client_where_it_has_one(self) -> None:
        emulator = Emulator()
        for secret, refused in ((None, "NotAuthorizedException"), ("shout", "NotAuthorizedException"), ("hush", "")):
            answer = emulator.cognito._get_tokens_from_refresh_token({"ClientId": "client", "ClientSecret": secret})
            self.assertEqual(error(answer), refused)
        emulator.pool["_clients"]["client"] = {}
        self.assertEqual(error(emulator.cognito._get_tokens_from_refresh_token({"ClientId": "client"})), "")
        self.assertEqual(emulator.handled, ["GetTokensFromRefreshToken"] * 2)


class Codes(unittest.TestCase):
    def setUp(self) -> None:
        self.emulator = Emulator()
        self.request = {"ClientId": "client", "Username": ADA}

    def test_an_address_that_is_not_confirmed_gets_no_code_for_a_password(self) -> None:
        self.emulator.ada["UserStatus"] = "UNCONFIRMED"
        self.assertEqual(error(self.emulator.cognito._forgot_password(self.request)), "InvalidParameterException")
        self.assertEqual(error(self.emulator.cognito._resend_confirmation_code(self.request)), "")

    def test_an_address_that_is_confirmed_gets_no_confirmation_code(self) -> None:
        self.assertEqual(error(self.emulator.cognito._resend_confirmation_code(self.request)), "InvalidParameterException")
        self.assertEqual(error(self.emulator.cognito._forgot_password(self.request)), "")

    def test_a_disabled_account_gets_no_code_for_a_password(self) -> None:
        self.emulator.ada["Enabled"] = False
        self.assertEqual(error(self.emulator.cognito._forgot_password(self.request)), "NotAuthorizedException")


if __name__ == "__main__":
    unittest.main()
