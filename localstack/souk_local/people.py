"""Demo sign-ins: made through the public API as a shopper makes an account, with passwords that differ per checkout."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from souk_local import mailbox, staff
from souk_local.clients import ClientError, Clients, code_of
from souk_local.console import Failure
from souk_local.places import Place
from souk_local.public_api import Api, ApiError

_FILE = "people.json"
_DEMO = {"admin": "Robin Demir", "shopper": "Sam Okafor"}


@dataclass(frozen=True)
class Person:
    email: str
    password: str


def demo_people(place: Place) -> dict[str, Person]:
    """Who the demo shop knows; made up once per checkout."""
    text = place.read(_FILE)
    if not text:
        chosen = {role: {"email": f"{role}@souk.example", "password": secrets.token_urlsafe(12)} for role in _DEMO}
        text = json.dumps(chosen, indent=2)
        place.write(_FILE, text)
    return {role: Person(**who) for role, who in json.loads(text).items()}


def ensure(place: Place, clients: Clients, api: Api) -> dict[str, Person]:
    """Registers and confirms the demo people who are missing, and makes the admin one."""
    people = demo_people(place)
    for role, person in people.items():
        if not _can_sign_in(api, person):
            _register(api, str(clients.endpoint), person, _DEMO[role])
    grant(clients, place, people["admin"].email, "admin")
    return people


def access_token(api: Api, person: Person) -> str:
    return str(api.post("/sessions", {"email": person.email, "password": person.password})["access_token"])


def grant(clients: Clients, place: Place, email: str, group: str) -> None:
    """Puts an account that exists into a staff group. Cognito first: a group that only it knows gives no rights."""
    if group not in staff.GROUPS:
        raise Failure(f"there is no group {group!r}", f"it is one of {', '.join(staff.GROUPS)}")
    parameter = f"/souk/{place.environment}/auth/user-pool-id"
    pool = clients("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
    cognito, address = clients("cognito-idp"), email.strip().lower()
    try:
        account = cognito.admin_get_user(UserPoolId=pool, Username=address)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=address, GroupName=group)
    except ClientError as error:
        if code_of(error) == "UserNotFoundException":
            raise Failure(f"nobody has registered as {email}", "register first: POST /users, then POST /users/confirmations") from error
        raise
    known = {attribute["Name"]: attribute["Value"] for attribute in account["UserAttributes"]}
    staff.grant(clients, place, known["sub"], group)


def _can_sign_in(api: Api, person: Person) -> bool:
    try:
        access_token(api, person)
    except ApiError as refused:
        if refused.status >= 500:
            raise
        return False
    return True


def _register(api: Api, emulator: str, person: Person, name: str) -> None:
    api.post("/users", {"email": person.email, "password": person.password, "name": name})
    code = _mailed_code(emulator, person)
    confirmed = api.post("/users/confirmations", {"email": person.email, "code": code})
    if confirmed["status"] == "password_required":
        # After a kill between registering and confirming this was the second registration, and the shop cannot know that both were ours.
        code = _mailed_code(emulator, person, known=code)
        api.post("/password-resets/confirmations", {"email": person.email, "code": code, "password": person.password})


def _mailed_code(emulator: str, person: Person, known: str | None = None) -> str:
    code = mailbox.wait_for_code(emulator, person.email, 20, known)
    if code is None:
        raise Failure(f"no mail with a code came for {person.email}", "./scripts/reset, then ./scripts/up")
    return code
