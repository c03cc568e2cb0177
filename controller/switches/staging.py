"""Configuration in two stages, told by the prompt: whose changes wait, what may be typed, and whether a commit was one.

What waits belongs to the session, so a session that ends leaves nothing behind; one commit makes all of it count, or none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .reads import Configuring

SOMEBODYS = "uncommitted changes that are not Cordon's wait there: nothing was typed"


def is_needless(config: Configuring, command: str, prompt: str) -> bool:
    """A commit where each line took effect at once: the device does not know it there."""
    return config.staging is not None and command in config.commit and not is_inside(config, prompt)


def is_inside(config: Configuring, prompt: str) -> bool:
    """The prompt is that of a view with changes that wait, or could."""
    found = config.staging
    return found is not None and bool(re.search(found.clean, prompt) or re.search(found.edited, prompt))


def is_somebodys(config: Configuring, command: str, prompt: str) -> bool:
    """Changes wait before the first of ours was typed."""
    return config.staging is not None and command in config.enter and bool(re.search(config.staging.edited, prompt))


def objection(config: Configuring, command: str, commands: Sequence[str], prompt: str) -> str | None:
    """Why a line that was not refused is as bad as refused, by the prompt after it; None if it is not."""
    if command in config.enter:
        other = next((name for name, pattern in config.others.items() if re.search(pattern, prompt)), None)
        return f"its prompt is {prompt}: say platform: {other}" if other else _not_one_change(config, commands, prompt)
    if config.staging is None or command not in config.commit or re.search(config.staging.clean, prompt):
        return None
    return f"it did not commit: the prompt is {prompt}"


def _not_one_change(config: Configuring, commands: Sequence[str], prompt: str) -> str | None:
    """Several lines that would take effect one by one: a session that ends between them would leave half a change."""
    if config.staging is None or is_inside(config, prompt):
        return None
    lines = [line for line in commands if line not in config.commit and not re.search(config.moves, line)]
    if len(lines) < 2:
        return None
    return f"each line takes effect at once here ({prompt}), and this change has {len(lines)}: use shut"
