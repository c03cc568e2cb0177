"""What a validation library says about a value, as a sentence for the person who wrote the file. Values are never repeated."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

Key = tuple[str | int, ...]

# Types of pydantic's errors -> what the value must be. Braces are filled from the error's context.
MUST_BE = {
    "missing": "is missing",
    "int": "must be a whole number",
    "float": "must be a number",
    "decimal": "must be a number",
    "bool": "must be true or false",
    "string_type": "must be text; quote what YAML takes for something else",
    "string_pattern_mismatch": "must look like {pattern}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a number",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "tuple": "must be a list",
    "list": "must be a list",
    "dict": "must be a mapping of keys to values",
    "mapping": "must be a mapping of keys to values",
    "model": "must be a section: keys with values",
    "path": "must be a path",
    "datetime": "must be a time such as 2026-12-31T18:00",
    "date": "must be a time such as 2026-12-31T18:00",
    "time": "must be a time such as 22:00, in quotes",
    "too_short": "has too few entries, {min_length} at least",
    "too_long": "has too many entries, {max_length} at most",
}
ENDS = ("ge", "gt", "le")
# Sentences of the standard library's ipaddress.
ADDRESSES = {
    "IPv4 or IPv6 address": "must be an address such as 192.0.2.1",
    "IPv4 or IPv6 network": "must be a network such as 10.1.8.0/24",
    "has host bits set": "must be a network: the address has bits beyond the prefix length",
}


class AtKey(ValueError):
    """Raised by a validator that knows where inside its section the fault is: `key` is relative to the section."""

    def __init__(self, key: Key, what: str) -> None:
        super().__init__(what)
        self.key = key


@contextmanager
def at_key(key: Key) -> Iterator[None]:
    """A ValueError raised inside is about this key of the section."""
    try:
        yield
    except ValueError as error:
        raise AtKey(key, str(error)) from None


def complaints(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Key, str]]:
    """Key and sentence of everything that is wrong, each key once."""
    said = set[Key]()
    for found in error.errors(include_url=False, include_input=False):
        key = _key(found["loc"]) + getattr(found.get("ctx", {}).get("error"), "key", ())
        if key not in said:
            said.add(key)
            yield key, _sentence(found, key, model)


def dotted(key: Key) -> str:
    """`web.port`; `(top)` for the file itself."""
    return ".".join(str(part) for part in key) or "(top)"


def _key(loc: Key) -> Key:
    """Without what the library adds for itself: the names of a union's members, and a mark of keys."""
    return tuple(part for part in loc if isinstance(part, int) or not _of_library(part))


def _of_library(part: str) -> bool:
    return part == "[key]" or part in ("enum", "str", "int") or part.startswith(("dict[", "tuple[", "str-enum["))


def _sentence(error: Any, key: Key, model: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(key, model)
    if kind in ("value_error", "assertion_error"):
        text = str(context.get("error", error["msg"]))
        return next((says for words, says in ADDRESSES.items() if words in text), text)
    if kind.startswith(("greater_than", "less_than")) and (allowed := allowed_range(_field(key, model))):
        return f"must be {allowed}"
    pattern = MUST_BE.get(kind) or MUST_BE.get(kind.split("_")[0])
    return pattern.format(**context) if pattern else str(error["msg"])


def _unknown(key: Key, model: type[BaseModel]) -> str:
    section = _section(model, key[:-1])
    names = sorted(section.model_fields) if section else []
    near = difflib.get_close_matches(str(key[-1]), names, n=1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    return f"is no key of this section{meant}" + (f"; there are {', '.join(names)}" if names else "")


def allowed_range(field: FieldInfo | None) -> str | None:
    """`from 1 to 48`, `more than 0 and 60 at most`; None where a number has not both ends."""
    limits = {name: value for one in (field.metadata if field else ()) for name in ENDS
              if (value := getattr(one, name, None)) is not None}  # fmt: skip
    if "le" not in limits or not limits.keys() & {"ge", "gt"}:
        return None
    if "ge" in limits:
        return f"from {_plain(limits['ge'])} to {_plain(limits['le'])}"
    return f"more than {_plain(limits['gt'])} and {_plain(limits['le'])} at most"


def _plain(number: float) -> str:
    return f"{number:d}" if isinstance(number, int) else f"{number:g}"


def _field(key: Key, model: type[BaseModel]) -> FieldInfo | None:
    section = _section(model, key[:-1])
    return section.model_fields.get(str(key[-1])) if section and key else None


def _section(model: type[BaseModel], key: Key) -> type[BaseModel] | None:
    """The model of a section inside a model."""
    found: type[BaseModel] | None = model
    for part in key:
        if found is None:
            return None
        if isinstance(part, str) and part in found.model_fields:
            found = _model_in(found.model_fields[part].annotation)
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner))), None)
