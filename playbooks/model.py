"""The base of every value that crosses a boundary here: frozen, no unknown keys, no secret echoed in an error."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value with a JSON form."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
