"""YAML files that people write: every complaint names file, line and key, and never repeats a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from .complaints import Key, complaints, dotted
from .errors import ConfigError, together
from .files import unreadable

M = TypeVar("M", bound=BaseModel)
HELP = "see docs/configuration.md"


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file and the line on which each key stands."""

    path: Path
    data: Any
    lines: dict[Key, int]
    elsewhere: dict[Key, str] = field(default_factory=dict)  # keys that do not come from the file, and where from

    def where(self, key: Key) -> str:
        """`file:line` of a key, or of its nearest parent that stands in the file."""
        for end in range(len(key), -1, -1):
            if key[:end] in self.elsewhere:
                return self.elsewhere[key[:end]]
            if key[:end] in self.lines:
                return f"{self.path}:{self.lines[key[:end]]}"
        return str(self.path)

    def place(self, key: Key) -> str:
        """`file:line: key`, for an error about what stands there."""
        return f"{self.where(key)}: {dotted(key)}"

    def complaint(self, error: ValidationError, model: type[BaseModel]) -> ConfigError:
        """All that is wrong, each with its own line."""
        found = sorted(complaints(error, model), key=lambda each: self._line(each[0]))
        return together([ConfigError(f"{dotted(key)}: {says}", where=self.where(key)) for key, says in found])

    def _line(self, key: Key) -> int:
        return next((self.lines[key[:end]] for end in range(len(key), -1, -1) if key[:end] in self.lines), 0)

    def checked(self, model: type[M]) -> M:
        """The whole file as `model`; ConfigError says what is wrong where."""
        try:
            return model.model_validate(self.data if self.data is not None else {})
        except ValidationError as error:
            raise self.complaint(error, model) from None


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
                raise ConfigError(f"{dotted(inner)} stands twice (first on line {lines[inner]})", where=where)
            lines[inner] = name.start_mark.line + 1
            _collect(value, inner, lines, path)
