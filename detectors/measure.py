"""What a measure is called in another language: findings name their measures in English, the catalog has the other words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache


def measure_in(measures: Mapping[str, Mapping[str, str]], measure: str, language: str) -> str:
    """The measure in a language, English where the catalog has no words. `{}` of an entry stands for a number or an address."""
    for english, words in measures.items():
        if language in words and (found := _pattern(english).fullmatch(measure)):
            return words[language].format(*found.groups())
    return measure


@lru_cache(maxsize=64)
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(map(re.escape, english.split("{}"))))
