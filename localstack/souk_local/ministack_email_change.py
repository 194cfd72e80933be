"""A new e-mail address is the account's only once a code from its mailbox says so, as on AWS in a pool that requires verification
before the update: MiniStack takes the address at once, sends no code, and does not know VerifyUserAttribute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Neither the code of a registration nor that of a password reset, so that no test takes one for the other.
CODE = "135790"

_VERIFY = "VerifyUserAttribute"

Answer = tuple[int, Any, bytes]
User = dict[str, Any]


def install(cognito: Any) -> None:
    """Mends MiniStack's Cognito in this process."""
    update_at_once, dispatch = cognito._update_user_attributes, cognito._dispatch_idp

    def update_user_attributes(data: dict[str, Any]) -> Answer:
        user, pool = cognito._user_pool_for_access_token(data.get("AccessToken", ""))
        wanted = cognito._attr_list_to_dict(data.get("UserAttributes", []))
        if not user or "email" not in wanted or not _verifies_first(pool):
            return update_at_once(data)
        email = wanted.pop("email")
        others = {**data, "UserAttributes": cognito._dict_to_attr_list(wanted)}
        status, headers, body = update_at_once(others)
        if status == 200:
            user["_pending_email"] = email
            known = cognito._attr_list_to_dict(user["Attributes"])
            cognito._send_verification_email(pool, user["Username"], {**known, "email": email}, CODE)
        return status, headers, body

    def verify_user_attribute(data: dict[str, Any]) -> Answer:
        user, pool = cognito._user_pool_for_access_token(data.get("AccessToken", ""))
        if not user:
            return cognito.error_response_json("NotAuthorizedException", "Invalid Access Token", 400)
        email = user.get("_pending_email")
        refused = cognito._code_error(CODE if email else None, data.get("Code"))
        if refused:
            return refused
        if any(other is not user and _has(cognito, other, email) for other in pool["_users"].values()):
            return cognito.error_response_json("AliasExistsException", "An account with the email already exists.", 400)
        verified = cognito._dict_to_attr_list({"email": email, "email_verified": "true"})
        user["Attributes"] = cognito._merge_attributes(user["Attributes"], verified)
        del user["_pending_email"]
        return cognito.json_response({})

    async def dispatch_idp(action: str, data: dict[str, Any]) -> Answer:
        if action != _VERIFY:
            return await dispatch(action, data)
        run = cognito._run_idp_handler
        return await cognito.run_reentrant(run, verify_user_attribute, action, data, thread_name="ministack-cognito")

    cognito._update_user_attributes = update_user_attributes
    cognito._dispatch_idp = dispatch_idp
    cognito._UNSIGNED_IDP_ACTIONS.add(_VERIFY)


def _verifies_first(pool: Mapping[str, Any]) -> bool:
    settings = pool.get("UserAttributeUpdateSettings") or {}
    return "email" in (settings.get("AttributesRequireVerificationBeforeUpdate") or [])


def _has(cognito: Any, user: User, email: str) -> bool:
    return bool(cognito._attr_list_to_dict(user.get("Attributes", [])).get("email") == email)
