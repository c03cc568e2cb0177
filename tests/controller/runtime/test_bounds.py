"""Every number of the configuration has an upper end: a typo must not make facts of last week fresh."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from controller.core.complaints import allowed_range
from controller.core.errors import ConfigError
from controller.core.sites import SwitchFile
from controller.runtime.check import check_everything
from controller.runtime.settings import Settings

DOCS = Path(__file__).parents[3] / "docs" / "configuration.md"
# Their ends stand elsewhere: in the values of the mapping, and in a validator of the pair.
ELSEWHERE = frozenset({"collector.rows_per_s_of", "switches.quarantine_range"})
SWITCH = """sites: [{name: s, mode: auto}]
switches:
  - {name: sw1, site: s, address: 192.0.2.1, snmp: {community: 'env:T_C'%s}}
"""


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Sections inside a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for inner in get_args(annotation):
            yield from models_in(inner)


def is_number(annotation: Any) -> bool:
    """A number, one that may be absent, or several."""
    return annotation in (int, float) or any(is_number(inner) for inner in get_args(annotation))


def numbers(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every number below a model, by its key."""
    for name, field in model.model_fields.items():
        inner = list(models_in(field.annotation))
        for section in inner:
            yield from numbers(section, f"{above}{name}.")
        if not inner and is_number(field.annotation):
            yield above + name, field


NUMBERS = {key: field for root in (Settings, SwitchFile) for key, field in numbers(root) if key not in ELSEWHERE}


@pytest.mark.parametrize("key", NUMBERS)
def test_every_number_has_both_ends_and_stands_in_the_docs(key: str) -> None:
    """The default lies between them."""
    field = NUMBERS[key]
    allowed = allowed_range(field)
    assert allowed is not None
    if not key.endswith(".port"):
        assert f"| {allowed} |" in next(row for row in DOCS.read_text("utf-8").splitlines() if f"| `{key}` |" in row)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("containment:\n  limits:\n    fresh_ms: 500000000\n", "l:3: containment.limits.fresh_ms: must be from 1000 to 300000"),
        ("containment:\n  limits: {per_site: 100000}\n", "cordon.yaml:2: containment.limits.per_site: must be from 0 to 5000"),
        ("containment: {limits: {window_s: 3}}\n", "cordon.yaml:1: containment.limits.window_s: must be from 60 to 86400"),
        ("inventory:\n  stale_s: 86400\n", "cordon.yaml:2: inventory.stale_s: must be more than 0 and 300 at most"),
        ("inventory: {stale_s: .inf}\n", "inventory.stale_s: must be more than 0 and 300 at most"),
        ("inventory: {stale_s: .nan}\n", "inventory.stale_s: must be"),
        ("containment: {reread_s: 60}\n", "containment.reread_s: must be from 0 to 5"),
        ("collector: {rows_per_s_of: {192.0.2.1: 99999999}}\n", "collector.rows_per_s_of.192.0.2.1: must be 10000000 or less"),
    ],
)  # fmt: skip
def test_a_number_that_is_a_typo(tmp_path: Path, text: str, says: str) -> None:
    """File, line, key and what is allowed."""
    (tmp_path / "cordon.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        check_everything(tmp_path / "cordon.yaml")
    assert says in str(caught.value)


def test_a_number_of_a_switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Likewise in the other file."""
    monkeypatch.setenv("T_C", "c")
    (tmp_path / "cordon.yaml").write_text("switches: switches.yaml\n", encoding="utf-8")
    (tmp_path / "switches.yaml").write_text(SWITCH % ", timeout_s: 2000", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"switches.yaml:3: .*snmp.timeout_s: must be more than 0 and 30 at most"):
        check_everything(tmp_path / "cordon.yaml")


def test_a_budget_that_holds_nothing_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is allowed, and said."""
    monkeypatch.setenv("T_C", "c")
    (tmp_path / "switches.yaml").write_text(SWITCH % "", encoding="utf-8")
    (tmp_path / "cordon.yaml").write_text("containment: {limits: {per_switch: 300}}\n", encoding="utf-8")
    assert [n for n in check_everything(tmp_path / "cordon.yaml") if "per_switch: 300 is no budget" in n]
    (tmp_path / "cordon.yaml").write_text("containment: {limits: {per_switch: 30}}\n", encoding="utf-8")
    assert not [n for n in check_everything(tmp_path / "cordon.yaml") if "no budget" in n]
