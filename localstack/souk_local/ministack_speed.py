"""What MiniStack does anew for each request though nothing has changed, done once: a whole test waits for little else than for it.

* Expressions and policies are parsed once, not for each row and each request.
* A key condition is compared with a row's key, not interpreted for each row of a partition.
* Rows are copied as the plain JSON that they are.
* A queue in which nothing is due is looked through once, not four times, whenever anything happens anywhere.

Its answers stay the same to the letter: whatever is unusual is left to it.
"""

from __future__ import annotations

import copy
import operator
import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import NoneType, SimpleNamespace
from typing import Any

# Ours are some hundreds: what changes is in their values.
_EXPRESSIONS = 4096

Term = tuple[str, Callable[[str], bool]]

_SCALARS = {str, int, float, bool, bytes, NoneType}

_NAME = r"(?:\#\w+|[A-Za-z_]\w*)"
_VALUE = r":\w+\b"
_CLAUSE = re.compile(
    rf"""\s*(?:
      (?P<compared>{_NAME})\s*(?P<how><=|>=|=|<|>)\s*(?P<with>{_VALUE})
    | (?i:begins_with)\s*\(\s*(?P<begins>{_NAME})\s*,\s*(?P<start>{_VALUE})\s*\)
    | (?P<between>{_NAME})\s+(?i:between)\s+(?P<low>{_VALUE})\s+(?i:and)\s+(?P<high>{_VALUE})
    )\s*(?:(?P<more>(?i:and)\s)|\Z)""",
    re.ASCII | re.VERBOSE,
)
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def install(dynamodb: Any, iam_evaluator: Any, sqs: Any) -> None:
    """Speeds MiniStack up in this process."""
    _parse_expressions_once(dynamodb)
    _compare_keys(dynamodb)
    dynamodb.copy = SimpleNamespace(**{**vars(copy), "deepcopy": copied})
    _parse_policies_once(iam_evaluator)
    _pass_idle_queues(sqs)


def _parse_expressions_once(dynamodb: Any) -> None:
    tokenize = dynamodb._tokenize
    tokens_of = lru_cache(_EXPRESSIONS)(lambda expr: tuple(tokenize(expr)))
    syntax_error = lru_cache(_EXPRESSIONS)(dynamodb._condition_syntax_error)
    redundant_parens = lru_cache(_EXPRESSIONS)(dynamodb._check_redundant_parens)
    reserved_keyword = lru_cache(_EXPRESSIONS)(dynamodb._check_reserved_keyword_usage)

    # A list of its own for each caller. What is no text at all is refused as before.
    dynamodb._tokenize = lambda expr: list(tokens_of(expr)) if type(expr) is str else tokenize(expr)
    dynamodb._condition_syntax_error = syntax_error
    dynamodb._check_redundant_parens = lambda tokens, slot="ConditionExpression": redundant_parens(tuple(tokens), slot)
    dynamodb._check_reserved_keyword_usage = lambda tokens: reserved_keyword(tuple(tokens))


def _compare_keys(dynamodb: Any) -> None:
    evaluate = dynamodb._evaluate_condition
    # The request that is being answered, by the very objects it was read into, and what its condition comes to.
    current: tuple[Any, Any, Any, Sequence[Term]] = (None, None, None, ())

    def evaluate_condition(expr: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression") -> bool:
        nonlocal current
        answer: bool
        if slot != "KeyConditionExpression":
            answer = evaluate(expr, item, values, names, slot)
            return answer
        known_expr, known_values, known_names, terms = current
        if expr is not known_expr or values is not known_values or names is not known_names:
            # With the first row it says what is wrong with the request.
            answer = evaluate(expr, item, values, names, slot)
            current = (expr, values, names, key_terms(expr, values, names))
            return answer
        for attribute, holds in terms:
            key = _text(item.get(attribute))
            if key is None:
                break
            if not holds(key):
                return False
        else:
            if terms:
                return True
        answer = evaluate(expr, item, values, names, slot)
        return answer

    dynamodb._evaluate_condition = evaluate_condition


def key_terms(expr: str, values: Mapping[str, Any], names: Mapping[str, str]) -> list[Term]:
    """A condition on keys that are strings, as what has to hold for each; none for any other condition."""
    terms: list[Term] = []
    position = 0
    while clause := _CLAUSE.match(expr, position):
        found = clause.groupdict()
        bounds = [_text(values.get(found[part])) for part in ("with", "start", "low", "high") if found[part]]
        if None in bounds:
            break
        name = found["compared"] or found["begins"] or found["between"]
        attribute = names.get(name, name) if name.startswith("#") else name
        terms.append((attribute, _holds(found, *bounds)))
        if not found["more"]:
            return terms
        position = clause.end()
    return []


def _holds(found: Mapping[str, str], wanted: Any, high: Any = None) -> Callable[[str], bool]:
    if found["compared"]:
        compare = _COMPARISONS[found["how"]]
        return lambda key: compare(key, wanted)
    if found["begins"]:
        return lambda key: key.startswith(wanted)
    return lambda key: wanted <= key <= high


def _text(value: Any) -> str | None:
    """The string of an attribute that is one."""
    text = value.get("S") if type(value) is dict else None
    return text if type(text) is str else None


def copied(value: Any) -> Any:
    """`copy.deepcopy` also looks for what occurs twice within a value: nothing does in what was read from JSON."""
    kind = type(value)
    if kind is dict:
        return {key: part if type(part) is str else copied(part) for key, part in value.items()}
    if kind is list:
        return [copied(part) for part in value]
    return value if kind in _SCALARS else copy.deepcopy(value)


def _parse_policies_once(iam_evaluator: Any) -> None:
    parse = iam_evaluator.parse_policy_document
    # Keyed by the whole text: a policy that changes is another one.
    statements = lru_cache(_EXPRESSIONS)(parse)
    iam_evaluator.parse_policy_document = lambda doc: list(statements(doc)) if type(doc) is str else parse(doc)


def _pass_idle_queues(sqs: Any) -> None:
    receive = sqs._receive_messages_for_esm

    def receive_messages(queue_url: str, most: int) -> list[dict[str, Any]]:
        """Every order waits in a queue for its end: thousands of messages, hardly ever one that is due."""
        now = time.time()
        with sqs._queues_lock:
            queue = sqs._queues.get(queue_url)
            idle = queue is not None and all(message.get("visible_at", 0) > now for message in queue["messages"])
        messages: list[dict[str, Any]] = [] if idle else receive(queue_url, most)
        return messages

    sqs._receive_messages_for_esm = receive_messages
