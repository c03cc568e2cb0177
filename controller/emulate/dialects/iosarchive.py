"""Commands of the emulated IOS that deal with files and with the configuration archive."""

from __future__ import annotations

from controller.emulate import actions as do
from controller.emulate.iosfiles import IosFiles, files_of
from controller.emulate.shell import Command, Shell

SCP = "ip scp server enable"


def _files(shell: Shell) -> IosFiles:
    return files_of(shell.state, type(shell))


def merge(shell: Shell, values: list[str]) -> str:
    """copy FILE running-config; the lines are done by a shell of their own, so that this one keeps its mode."""
    return _files(shell).merge(values[0], type(shell)(shell.state, shell.enable_password))


def configure_with_timer(shell: Shell, values: list[str]) -> str:
    """configure terminal revert timer MINUTES."""
    if not values[0].isdigit() or not 1 <= int(values[0]) <= 120:
        return shell.complain(shell.invalid, values[0])
    _files(shell).begin_timer(int(values[0]))
    shell.mode = "config"
    return "Rollback Confirmed Change: Backing up current running config to flash:/archive-1\n"


def confirm(shell: Shell, _: list[str]) -> str:
    """configure confirm."""
    files = _files(shell)
    if files.candidates.waiting is None:
        return "%No Rollback Confirmed Change pending\n"
    files.candidates.confirm()
    return ""


def revert(shell: Shell, _: list[str]) -> str:
    """configure revert now."""
    _files(shell).candidates.back()
    return "Rollback Confirmed Change: Rolling to: flash:/archive-1\n\nTotal number of passes: 1\nRollback Done\n"


ARCHIVE: dict[str, Command] = {
    "dir": lambda shell, _: _files(shell).listing(""),
    "dir <path>": lambda shell, values: _files(shell).listing(values[0]),
    "verify /md5 <path>": lambda shell, values: _files(shell).md5(values[0]),
    "copy running-config <path>": lambda shell, values: _files(shell).keep_running(values[0]),
    "copy null: <path>": lambda shell, values: _files(shell).empty(values[0]),
    "copy <path> running-config": merge,
    "configure terminal revert timer <n>": configure_with_timer,
    "configure confirm": confirm,
    "configure revert now": revert,
}
ARCHIVE_SHOW: dict[str, Command] = {
    "show running-config": lambda shell, _: f"Building configuration...\n\nhostname {shell.state.name}\n{SCP}\nend\n",
    "show archive": lambda _, __: (
        "The maximum archive configurations allowed is 10.\nThere are currently 0 archive configurations saved.\n"
    ),
    "show archive config rollback timer": lambda shell, _: _files(shell).timer(),
    "show archive config incremental-diffs <path> ignorecase": lambda shell, values: _files(shell).differences(
        values[0]
    ),
}
ARCHIVE_CONFIG: dict[str, Command] = {"file prompt quiet": do.nothing, "no file prompt quiet": do.nothing}
