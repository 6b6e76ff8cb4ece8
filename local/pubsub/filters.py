"""Subscription filters over message attributes (https://cloud.google.com/pubsub/docs/subscription-message-filter)."""

import json
import re
from collections.abc import Callable, Mapping
from typing import NoReturn

from local.rpc import invalid

Predicate = Callable[[Mapping[str, str]], bool]
"""Whether a message with these attributes passes."""

_MAX_BYTES = 256
_TOKEN = re.compile(r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z_][A-Za-z0-9_-]*)|(?P<sign>!=|[=().:,-]))')


def parse_filter(text: str) -> Predicate:
    """The predicate a filter stands for, everything for an empty one; raises INVALID_ARGUMENT."""
    if len(text.encode()) > _MAX_BYTES:
        raise invalid(f"Invalid filter: longer than {_MAX_BYTES} bytes.")
    if not text.strip():
        return lambda _: True
    return _Parser(text).parse()


class _Parser:
    """Recursive descent; AND and OR may not be mixed without parentheses."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if not match:
                self._fail()
            self._tokens.append(match[0].strip())
            position = match.end()

    def parse(self) -> Predicate:
        predicate = self._expression()
        if self._tokens:
            self._fail()
        return predicate

    def _fail(self) -> NoReturn:
        raise invalid(f"Invalid filter: failed to parse {self._text!r}.")

    def _next(self, expected: str | None = None) -> str:
        if not self._tokens or expected not in (None, self._tokens[0]):
            self._fail()
        return self._tokens.pop(0)

    def _expression(self) -> Predicate:
        terms = [self._term()]
        operator = self._tokens[0] if self._tokens and self._tokens[0] in {"AND", "OR"} else None
        while operator and self._tokens[:1] == [operator]:
            self._next()
            terms.append(self._term())
        if self._tokens[:1] in (["AND"], ["OR"]):
            self._fail()
        combine = any if operator == "OR" else all
        return lambda attributes: combine(term(attributes) for term in terms)

    def _term(self) -> Predicate:
        if self._tokens[:1] in (["NOT"], ["-"]):
            self._next()
            negated = self._term()
            return lambda attributes: not negated(attributes)
        if self._tokens[:1] == ["("]:
            self._next()
            inner = self._expression()
            self._next(")")
            return inner
        return self._has_prefix() if self._tokens[:1] == ["hasPrefix"] else self._comparison()

    def _has_prefix(self) -> Predicate:
        self._next("hasPrefix")
        self._next("(")
        self._next("attributes")
        self._next(".")
        key = self._key()
        self._next(",")
        prefix = self._string()
        self._next(")")
        return lambda attributes: attributes.get(key, "").startswith(prefix) if key in attributes else False

    def _comparison(self) -> Predicate:
        self._next("attributes")
        if self._tokens[:1] == [":"]:
            self._next()
            wanted = self._key()
            return lambda attributes: wanted in attributes
        self._next(".")
        key = self._key()
        operator = self._next()
        if operator not in {"=", "!="}:
            self._fail()
        value = self._string()
        if operator == "=":
            return lambda attributes: attributes.get(key) == value
        return lambda attributes: attributes.get(key) != value

    def _key(self) -> str:
        if self._tokens and self._tokens[0].startswith('"'):
            return self._string()
        key = self._next()
        if not re.match(r"[A-Za-z_]", key):
            self._fail()
        return key

    def _string(self) -> str:
        token = self._next()
        if not token.startswith('"'):
            self._fail()
        try:
            return str(json.loads(token))
        except ValueError:
            self._fail()
