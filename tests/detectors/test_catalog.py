"""The catalog: complete in both languages, and its complaints name what is wrong."""

import string
from pathlib import Path

import pytest

from controller.core.errors import ConfigError
from controller.runtime.catalog import load_catalog

from . import flows as f


def test_texts_have_the_same_placeholders_in_both_languages() -> None:
    """A sentence that names the value in English names it in Chinese."""
    for name, texts in load_catalog().texts.items():
        assert {"en", "zh"} == set(texts), name
        assert placeholders(texts["en"]) == placeholders(texts["zh"]), name


def placeholders(text: str) -> set[str | None]:
    """Names between braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """Which key, in which file."""
    path = tmp_path / "catalog.yaml"
    path.write_text("version: 1\nengine: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="lacks"):
        load_catalog(path)


def test_probabilities_that_make_no_sense() -> None:
    """A scanner that succeeds more often than an honest host is refused."""
    data = f.shipped()
    data["sequential"]["theta_scanner"] = 0.9
    with pytest.raises(ValueError, match="theta_scanner"):
        f.load(data)


@pytest.mark.parametrize(
    "key", ["failed_targets", "failed_targets_lateral", "refused_targets", "failed_targets_reached"]
)
def test_none_is_never_enough_to_act(key: str) -> None:
    """A bound of 0 would act on whoever fails once: refused, and named."""
    data = f.shipped()
    data["sweep"]["act"][key] = 0
    with pytest.raises(ValueError, match=key):
        f.load(data)
