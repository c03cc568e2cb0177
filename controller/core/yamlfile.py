"""YAML files that people write: every complaint names file, line and key, and never repeats a value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from .errors import ConfigError
from .files import unreadable

Key = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)
HELP = "see docs/configuration.md"


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file and the line on which each key stands."""

    path: Path
    data: Any
    lines: dict[Key, int]

    def where(self, key: Key) -> str:
        """`file:line` of a key, or of its nearest parent that stands in the file."""
        for end in range(len(key), -1, -1):
            if key[:end] in self.lines:
                return f"{self.path}:{self.lines[key[:end]]}"
        return str(self.path)

    def complaint(self, error: ValidationError) -> ConfigError:
        """All that is wrong, one clause a key; the first one's line is the error's place."""
        clauses = [f"{_dotted(e['loc'])}: {_sentence(e)}" for e in error.errors(include_url=False, include_input=False)]
        first = tuple(p for p in error.errors(include_url=False, include_input=False)[0]["loc"])
        return ConfigError("; ".join(clauses), where=self.where(first), do=HELP)

    def checked(self, model: type[M]) -> M:
        """The whole file as `model`; ConfigError says what is wrong where."""
        try:
            return model.model_validate(self.data if self.data is not None else {})
        except ValidationError as error:
            raise self.complaint(error) from None


def read(path: Path) -> Document:
    """Parse a file; NotFound if it is not there, ConfigError if it is not YAML or says a key twice."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text", where=str(path)) from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ConfigError("is not YAML", where=where, do=str(getattr(error, "problem", "") or HELP)) from None
    lines: dict[Key, int] = {(): 1}
    if node is not None:
        _collect(node, (), lines, path)
    return Document(path, data, lines)


def _collect(node: yaml.Node, key: Key, lines: dict[Key, int], path: Path) -> None:
    lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _collect(item, (*key, index), lines, path)
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            inner = (*key, str(name.value))
            if inner in lines:
                where = f"{path}:{name.start_mark.line + 1}"
                raise ConfigError(f"{_dotted(inner)} stands twice (first on line {lines[inner]})", where=where)
            lines[inner] = name.start_mark.line + 1
            _collect(value, inner, lines, path)


def _dotted(loc: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in loc) or "(top)"


def _sentence(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "is no key of this section"
    return str(error["msg"])
