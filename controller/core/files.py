"""Files that somebody named: one sentence and one exit code for what cannot be read, whichever command was told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ConfigError, CordonError, NotFound, UsageError


def unreadable(path: Path | str, error: OSError) -> CordonError:
    """The error to raise: NotFound (exit 3) for a file that is not there, UsageError (exit 2) for one that cannot be read."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return NotFound("there is no such file", where=str(path))
    if isinstance(error, IsADirectoryError):
        return UsageError("is a folder, not a file", where=str(path))
    return UsageError(f"cannot be read: {error.strerror or error}", where=str(path))


@contextmanager
def named_by(key: str) -> Iterator[None]:
    """What is read inside is named by a key of a configuration: that it is not there is the configuration's fault (exit 2)."""
    try:
        yield
    except NotFound as error:
        raise ConfigError(error.what, where=error.where, do=f"`{key}` names it") from None


def must_exist(path: Path) -> None:
    """Raise what `open` would, before anything else is done. A folder is taken too."""
    try:
        path.stat()
    except OSError as error:
        raise unreadable(path, error) from None
