"""Accounts: whose an address is, who is an admin, and what is left of whoever left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from souk_local.kinds import KINDS
from souk_local.rules import Finding, Rule
from souk_local.snapshot import Row, Snapshot

_MOST_ADDRESSES = 20
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def claims(shop: Snapshot) -> Finding:
    """Found by ids: what is told of a broken shop names nobody."""
    claimed = {_tail(row): row for row in shop.of("email")}
    found = Finding(len(claimed))
    for address, claim in claimed.items():
        profile = shop.profiles.get(claim["user_id"])
        if claim["is_confirmed"] and (profile is None or profile["email"] != address):
            actual = "another address" if profile else "no such account"
            found.wrong(claim["user_id"], "an account with the address that it confirmed", actual, claim.at("claimed_at"))
    for id, profile in shop.profiles.items():
        own = claimed.get(profile["email"])
        if _is_listed(profile) and (own is None or not own["is_confirmed"] or own["user_id"] != id):
            whose = f"that of {own['user_id']}" if own else "nobody's"
            found.wrong(id, "its address to be its own", whose, own.at("claimed_at") if own else None)
    return found


def admins(shop: Snapshot) -> Finding:
    listed = {id for row in shop.of("admins") for id in row["admins"]}
    active = {id for id, profile in shop.profiles.items() if _is_admin(profile)}
    found = Finding(len(listed | active))
    for id in sorted(listed - active):
        found.wrong(id, "an active admin, for it is listed as one", "none")
    for id in sorted(active - listed):
        found.wrong(id, "a place in the list of admins", "none")
    return found


def books(shop: Snapshot) -> Finding:
    counts = Counter(_tail(row) for row in shop.of("address"))
    found = Finding(len(shop.profiles))
    for id, profile in shop.profiles.items():
        counted = profile.get("address_count") or 0
        if counted != counts[id]:
            found.wrong(id, f"address_count {counts[id]}, as many as there are", counted)
        if counts[id] > _MOST_ADDRESSES:
            found.wrong(id, f"{_MOST_ADDRESSES} addresses at most", counts[id])
    for id in counts.keys() - shop.profiles.keys() - shop.left.keys():
        found.wrong(id, "an account for its addresses", "none")
    return found


def tombstones(shop: Snapshot) -> Finding:
    found = Finding(len(shop.left))
    for row in shop.rows:
        tombstone = shop.left.get(_tail(row)) if row.table == "users" and row["pk"].startswith("USER#") else None
        if tombstone and row["type"] != "tombstone":
            found.wrong(_tail(row), "nothing beside the tombstone", f"{row['type']} {row['sk']}", tombstone.at("deleted_at"))
    return found


def forgotten(shop: Snapshot) -> Finding:
    """What says of itself that it keeps bare ids may; an event in an outbox is on its way."""
    found = Finding(len(shop.left))
    for row in shop.rows:
        if row["pk"].startswith("USER#") and row.table == "users":
            continue
        if row["type"] == "outbox" or KINDS[row["type"]].keeps_ids:
            continue
        for id in sorted(_ids(row) & shop.left.keys()):
            found.wrong(id, "nothing of whoever left", f"{row['type']} {row['sk']} in {row.table}", shop.left[id].at("deleted_at"))
    return found


def counters(shop: Snapshot) -> Finding:
    rows = [*shop.of("tries"), *shop.of("registrations")]
    found = Finding(len(rows))
    for row in rows:
        if not isinstance(row.get("ttl"), int):
            found.wrong(row.key, "a time after which it is removed", row.get("ttl"))
        elif row["type"] == "tries" and row["ttl"] <= row.at("sk").timestamp():
            found.wrong(row.key, "to be kept for its window", f"removed at {row['ttl']}")
    return found


def _tail(row: Row) -> str:
    tail: str = row["pk"].partition("#")[2]
    return tail


def _is_admin(profile: Row) -> bool:
    return profile.get("status") in (None, "active") and "admin" in (profile.get("groups") or ())


def _is_listed(profile: Row) -> bool:
    """Profiles of the first release claim their address when their owner signs in."""
    return profile.get("gsi1pk") is not None


def _ids(row: Row) -> set[str]:
    return {id for text in _texts(row.item.values()) for id in _ID.findall(text)}


def _texts(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)


_BOTH = "change the groups of one of them with PATCH /admin/users/{id}, which writes both"
_SIGN_IN = "signing in settles the address of an account"
_LEAVING = "within half an hour an old token may have written it; else look for errors and dead letters of <service>-on-user-deleted"

RULES = (
    Rule("a confirmed address is that of one account, and every account's is its own", "addresses", claims, _SIGN_IN),
    Rule("the list of admins is that of the active accounts in the group", "admins", admins, _BOTH),
    Rule("an address book has as many addresses as its account counts, twenty at most", "accounts", books, "look for another writer of the users' table"),
    Rule("of whoever left, a tombstone is all that stands in their place", "tombstones", tombstones, _LEAVING),
    Rule("nothing names whoever left, but what must", "tombstones", forgotten, _LEAVING),
    Rule("counters of tries and registrations end by themselves", "counters", counters, "look for another writer of the users' table"),
)
