"""Measures in another language: every sentence of the catalog that names one is whole in each language it has."""

import re
from pathlib import Path

import pytest

import detectors
from controller.runtime.catalog import load_catalog
from detectors.measure import measure_in

SOURCES = sorted(Path(detectors.__file__).parent.rglob("*.py"))
LITERAL = re.compile(
    r'(?i)(?:\bmeasure(?: =|=|\)? = \()|_?MEASURE = |"newpeer-\w+", )\s*(?:\w+, )?f?"([a-z][^"]+ [^"]+)"'
)


def written() -> set[str]:
    """Measures as they stand in the detectors, with what is filled in as `{}`."""
    found = {text for path in SOURCES for text in LITERAL.findall(path.read_text(encoding="utf-8"))}
    return {re.sub(r"\{[^}]*\}", "{}", text) for text in found} - {
        "isolation score of 5 minutes"
    }  # its text has no measure


def test_every_measure_has_words() -> None:
    """What detectors name and what the catalog translates are the same."""
    assert set(load_catalog().measures) == written()


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        ("distinct targets in 10 s", "10 秒内不同目标数"),
        ("failed targets after 10.0.0.1 had reached it", "被 10.0.0.1 访问之后失败的目标数"),
        ("a measure of a site's own", "a measure of a site's own"),
    ],
)
def test_measures_in_chinese(measure: str, says: str) -> None:
    """Numbers and addresses stay; what has no words stays as it is."""
    assert says == measure_in(load_catalog().measures, measure, "zh")
    assert measure == measure_in(load_catalog().measures, measure, "en")
