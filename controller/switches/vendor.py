"""A vendor is data: commands, their undo, failure patterns and how to read back, checked when the file is loaded."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Literal

from pydantic import Field

from controller.core import yamlfile
from controller.core.errors import ConfigError, Unsupported
from controller.core.sites import Section
from playbooks.plan import Verb

from .reads import Manners, Pattern, Reads, Wording

FOLDER = Path(__file__).parent / "vendors"
ANSWER = 4  # lines of an answer that says no
CARET = re.compile(r"\^+")  # alone on its line: every maker's way to show where a line was not understood
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Lines(Section):
    """Lines sent in configuration mode. Placeholders: port, vlan, prior_pvid, pvid, vlan_name, mac, text, prior_text.

    `? ` before a line: a refusal is no failure, as there may be nothing to do after half a change.
    """

    commands: tuple[str, ...] = Field(min_length=1)
    undo: tuple[str, ...] = Field(min_length=1)


class VerbCommands(Lines):
    """A verb's lines, and others where the port is hybrid. `undo_if_empty`: when there was no description before."""

    hybrid: Lines | None = None
    undo_if_empty: tuple[str, ...] = ()


class Maturity(Section):
    """What proves this file: rule -> done, unproven or exempt, with a sentence."""

    stage: Literal["unproven", "proven-on-transcripts", "proven-on-emulation", "proven-on-device"]
    prompt: str = ""
    tables: str = ""
    shut: str = ""
    quarantine_vlan: str = Field(default="", alias="quarantine-vlan")
    mac_block: str = Field(default="", alias="mac-block")
    describe: str = ""


class Vendor(Section):
    """One vendor file."""

    platform: str
    title: str
    netmiko: str
    template: str | None = None  # what ntc-templates calls it
    sources: tuple[str, ...] = ()
    session: Manners = Manners()
    failures: tuple[Pattern, ...] = Field(min_length=1)
    names: dict[str, str] = Field(default_factory=dict)  # short -> long beginning of interface names
    text: Wording = Wording()
    reads: Reads
    verbs: dict[Verb, VerbCommands]
    saves: str = ""  # how the device keeps a change over a reboot without being told to; empty: it does not
    mac_style: Literal["colons", "dotted", "dashed", "dashed-halves"] = "colons"
    maturity: Maturity

    def failure_in(self, answer: str, *, table: bool = False) -> str | None:
        """The line of an answer that says no, if there is one; else what stands beside a mark that points at an error.

        `table`: only where a device says that it shows nothing, or no more: what stands between is other people's words.
        """
        lines = [line.strip() for line in answer.splitlines() if line.strip()]
        if table and len(lines) > 2 * ANSWER:
            lines = lines[:ANSWER] + lines[-ANSWER:]
        for line in lines:
            if any(re.search(pattern, line) for pattern in self.failures):
                return line
        marked = next((at for at, line in enumerate(lines) if CARET.fullmatch(line)), None)
        return None if marked is None else " ".join(lines[marked : marked + 2])

    def mac(self, mac: str) -> str:
        """A MAC as this vendor writes it."""
        digits = mac.replace(":", "")
        quads = (digits[:4], digits[4:8], digits[8:])
        if self.mac_style == "dotted":
            return ".".join(quads)
        if self.mac_style == "dashed":
            return "-".join(quads)
        return f"{digits[:6]}-{digits[6:]}" if self.mac_style == "dashed-halves" else mac

    def long_name(self, name: str) -> str:
        """The long form of an interface name; the name itself where there is none."""
        begin = re.match(r"[A-Za-z-]+", name)
        if begin is None:
            return name
        rest = name[begin.end() :]
        return self.names.get(begin.group(), begin.group()) + (rest.strip() if self.names else rest)

    def forms(self, name: str) -> tuple[str, ...]:
        """Every form in which this device may print an interface name: as asked, long, short."""
        long = self.long_name(name)
        shorts = [short + long[len(full) :] for short, full in self.names.items() if _begins(long, full)]
        return tuple(dict.fromkeys((name, long, *shorts)))

    def pattern(self, text: str, port: str) -> str:
        """A pattern of the file for one port."""
        forms = (re.sub(r"^([A-Za-z-]+)(?=\d)", r"\1 ?", re.escape(form)) for form in self.forms(port))
        return text.replace("{port}", f"(?:{'|'.join(forms)})")

    def typed(self, text: str) -> str:
        """A description as it is typed; Unsupported if this command line cannot be given it."""
        wording = self.text
        wrong = CONTROL.search(text) or next((ch for ch in text if ch in wording.forbidden), None)
        if wrong or len(text) > wording.longest or (wording.ascii and not text.isascii()) or text != text.strip():
            raise Unsupported(f"{self.title} cannot be given the description {text!r} over its command line")
        for character in wording.escape:
            text = text.replace(character, "\\" + character)
        return f"{wording.quote}{text}{wording.quote}"

    def shown(self, text: str) -> str:
        """A description as it was, of how the device shows it."""
        wording = self.text
        if wording.quote and len(text) >= 2 and text[0] == text[-1] == wording.quote:
            text = text[1:-1]
        return re.sub(r"\\(.)", r"\1", text) if wording.escape else text


def _begins(long: str, full: str) -> bool:
    return long.startswith(full) and not long[len(full) :][:1].isalpha()


def platforms() -> tuple[str, ...]:
    """Names of all vendor files."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@functools.cache
def load_vendor(platform: str) -> Vendor:
    """The vendor file of a platform; ConfigError lists those there are."""
    path = FOLDER / f"{platform}.yaml"
    if not path.exists():
        raise ConfigError(
            f"there is no vendor file for {platform}", where="platform", do=f"one of: {', '.join(platforms())}"
        )
    return yamlfile.read(path).checked(Vendor)
