"""Demo sign-ins: made through the public API as a shopper makes an account, with passwords that differ per checkout."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from souk_local import mailbox
from souk_local.clients import ClientError, Clients, code_of
from souk_local.console import Failure
from souk_local.places import Place
from souk_local.public_api import Api, ApiError

GROUPS = ("admin", "support", "warehouse")
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
    """Puts an account that exists into a staff group."""
    if group not in GROUPS:
        raise Failure(f"there is no group {group!r}", f"it is one of {', '.join(GROUPS)}")
    parameter = f"/souk/{place.environment}/auth/user-pool-id"
    pool = clients("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
    try:
        clients("cognito-idp").admin_add_user_to_group(UserPoolId=pool, Username=email.strip().lower(), GroupName=group)
    except ClientError as error:
        if code_of(error) == "UserNotFoundException":
            raise Failure(f"nobody has registered as {email}", "register first: POST /users, then POST /users/confirmations") from error
        raise


def _can_sign_in(api: Api, person: Person) -> bool:
    try:
        access_token(api, person)
    except ApiError as refused:
        if refused.status >= 500:
            raise
        return False
    return True


def _register(api: Api, emulator: str, person: Person, name: str) -> None:
    try:
        api.post("/users", {"email": person.email, "password": person.password, "name": name})
    except ApiError as refused:
        # A kill between registering and confirming leaves an account that only waits for its code.
        if refused.status != 409:
            raise
    code = mailbox.wait_for_code(emulator, person.email, 20)
    if code is None:
        raise Failure(f"no confirmation mail came for {person.email}", "./scripts/reset, then ./scripts/up")
    api.post("/users/confirmations", {"email": person.email, "code": code})
