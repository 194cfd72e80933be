"""What MiniStack's Cognito leaves open that AWS does not, mended in its own process.

* A user who is not confirmed is told so only for the right password.
* The code of an authenticator app counts only with the session that the right password gave, for three minutes and once.
* A challenge names the user name, as which it is answered, whatever the address.
* A refreshed token says when its owner signed in, not when it was refreshed, and takes the app client's secret.
* An address that is not confirmed gets no code for a new password, and one that is gets no confirmation code.

What it leaves open about new addresses is mended in ``ministack_email_change``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

Answer = tuple[int, Any, bytes]

# AuthSessionValidity of the template's app client.
_SESSION_SECONDS = 180
_WRONG_CREDENTIALS = ("NotAuthorizedException", "Incorrect username or password.")


def install(cognito: Any) -> None:
    """Mends MiniStack's Cognito in this process."""
    _mend_sign_in(cognito)
    _mend_second_factor(cognito)
    _mend_refreshes(cognito)
    _mend_codes(cognito)


def _refuse(cognito: Any, code: str, message: str) -> Answer:
    answer: Answer = cognito.error_response_json(code, message, 400)
    return answer


def _user_of_client(cognito: Any, client_id: str | None, name: str | None) -> dict[str, Any] | None:
    pool, _ = cognito._pool_for_client(client_id)
    return cognito._resolve_user(pool, name)[0] if pool else None


def _mend_sign_in(cognito: Any) -> None:
    initiate = cognito._initiate_auth

    def initiate_auth(data: Mapping[str, Any]) -> Answer:
        if data.get("AuthFlow") == "USER_PASSWORD_AUTH":
            given = data.get("AuthParameters", {})
            user = _user_of_client(cognito, data.get("ClientId"), given.get("USERNAME"))
            if user and user.get("UserStatus") == "UNCONFIRMED" and user.get("_password") != given.get("PASSWORD"):
                return _refuse(cognito, *_WRONG_CREDENTIALS)
        answer: Answer = initiate(data)
        return answer

    cognito._initiate_auth = initiate_auth


def _mend_second_factor(cognito: Any) -> None:
    challenge_for, respond = cognito._mfa_challenge_for_user, cognito._respond_to_auth_challenge
    # Whose password was right, and until when that counts.
    sessions: dict[str, tuple[str, float]] = {}

    def mfa_challenge_for_user(pool: Any, user: dict[str, Any], pool_id: str, name: str) -> dict[str, Any] | None:
        challenge: dict[str, Any] | None = challenge_for(pool, user, pool_id, name)
        if challenge:
            challenge["ChallengeParameters"]["USER_ID_FOR_SRP"] = user["Username"]
            sessions[challenge["Session"]] = (user["Username"], time.time() + _SESSION_SECONDS)
        return challenge

    def respond_to_auth_challenge(data: Mapping[str, Any]) -> Answer:
        if data.get("ChallengeName") != "SOFTWARE_TOKEN_MFA":
            other: Answer = respond(data)
            return other
        session = str(data.get("Session"))
        name, until = sessions.get(session, ("", 0.0))
        user = _user_of_client(cognito, data.get("ClientId"), data.get("ChallengeResponses", {}).get("USERNAME"))
        if not user or user["Username"] != name:
            return _refuse(cognito, "NotAuthorizedException", "Invalid session for the user.")
        if time.time() >= until:
            return _refuse(cognito, "NotAuthorizedException", "Invalid session for the user, session is expired.")
        answer: Answer = respond(data)
        if answer[0] == 200:
            sessions.pop(session, None)
        return answer

    cognito._mfa_challenge_for_user = mfa_challenge_for_user
    cognito._respond_to_auth_challenge = respond_to_auth_challenge


def _mend_refreshes(cognito: Any) -> None:
    refresh, sign, get_tokens = cognito._refresh_auth_result, cognito._signed_jwt, cognito._get_tokens_from_refresh_token
    # When each family of tokens began.
    began: dict[str, int] = {}

    def refresh_auth_result(pool: Any, pool_id: str, client_id: str, refresh_token: str) -> Any:
        claims = cognito._token_claims(refresh_token)
        if "origin_jti" in claims and "iat" in claims:
            began[claims["origin_jti"]] = claims["iat"]
        return refresh(pool, pool_id, client_id, refresh_token)

    def signed_jwt(claims: dict[str, Any], pool_id: str = "", use: str = "") -> Any:
        if "auth_time" in claims and claims.get("origin_jti") in began:
            claims = {**claims, "auth_time": began[claims["origin_jti"]]}
        return sign(claims, pool_id, use)

    def get_tokens_from_refresh_token(data: Mapping[str, Any]) -> Answer:
        client_id = data.get("ClientId")
        pool, _ = cognito._pool_for_client(client_id)
        secret = pool["_clients"][client_id].get("ClientSecret") if pool else None
        if secret and data.get("ClientSecret") != secret:
            return _refuse(cognito, "NotAuthorizedException", f"Client secret does not match for the client: {client_id}")
        answer: Answer = get_tokens(data)
        return answer

    cognito._get_tokens_from_refresh_token = get_tokens_from_refresh_token
    cognito._refresh_auth_result = refresh_auth_result
    cognito._signed_jwt = signed_jwt


def _mend_codes(cognito: Any) -> None:
    forgot, resend = cognito._forgot_password, cognito._resend_confirmation_code

    def forgot_password(data: Mapping[str, Any]) -> Answer:
        user = _user_of_client(cognito, data.get("ClientId"), data.get("Username"))
        if user and not user.get("Enabled", True):
            return _refuse(cognito, "NotAuthorizedException", "User is disabled.")
        if user and user.get("UserStatus") == "UNCONFIRMED":
            reason = "Cannot reset password for the user as there is no registered/verified email or phone_number"
            return _refuse(cognito, "InvalidParameterException", reason)
        answer: Answer = forgot(data)
        return answer

    def resend_confirmation_code(data: Mapping[str, Any]) -> Answer:
        user = _user_of_client(cognito, data.get("ClientId"), data.get("Username"))
        if user and user.get("UserStatus") != "UNCONFIRMED":
            return _refuse(cognito, "InvalidParameterException", "User is already confirmed.")
        answer: Answer = resend(data)
        return answer

    cognito._forgot_password = forgot_password
    cognito._resend_confirmation_code = resend_confirmation_code
