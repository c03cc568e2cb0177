"""Fill in the sentences of the rules. Words that a value is made of are translated too."""

from __future__ import annotations

from collections.abc import Mapping

from playbooks.facts import NeighbourKind, Refusal, Verdict
from playbooks.judgement import Outcome, Ruling

from .advice import ADVICE
from .sentences import SENTENCES

EN: dict[str, str] = {
    NeighbourKind.AP: "access point",
    Refusal.BEHIND_INTERSWITCH: "it is seen only behind ports between switches",
    Refusal.GATEWAY: "it is a gateway, the real machine is behind it",
    Refusal.UNKNOWN: "nothing was heard of this address",
}
ZH: dict[str, str] = {
    NeighbourKind.SWITCH: "交换机",
    NeighbourKind.ROUTER: "路由器",
    NeighbourKind.AP: "无线接入点",
    NeighbourKind.PHONE: "话机",
    Refusal.UPLINK: "上联端口",
    Refusal.AGGREGATE: "聚合端口",
    Refusal.VIRTUAL: "非物理端口",
    Refusal.MANY_MACS: "端口上 MAC 过多",
    Refusal.CONFLICT: "证据互相矛盾",
    Refusal.BEHIND_INTERSWITCH: "只在交换机互联端口后出现",
    Refusal.STALE: "证据过旧",
    Refusal.UNNAMED: "端口无名称",
    Refusal.UNRESOLVED: "无法解析到端口",
    Refusal.GATEWAY: "是网关,真实终端在其后",
    Refusal.UNKNOWN: "未知地址",
    Refusal.SPOOFED: "源地址系伪造",
    Verdict.SELF: "交换机自身",
    Verdict.MGMT: "管理口",
    Verdict.NO_PORT: "无端口",
    Verdict.AMBIGUOUS: "不唯一",
    "distribution": "汇聚",
    "core": "核心",
    "nothing": "无",
}
WORDS = {"en": EN, "zh": ZH}


def say(rule: str, outcome: Outcome, **values: object) -> Ruling:
    """A ruling with its sentence and its advice filled in, in every language."""
    return Ruling(rule=rule, outcome=outcome, says=_filled(SENTENCES[rule], values), do=_filled(ADVICE[rule], values))


def _filled(texts: Mapping[str, str], values: Mapping[str, object]) -> dict[str, str]:
    found = {}
    for language, text in texts.items():
        words = WORDS[language]
        shown = {name: words.get(value, value) if isinstance(value, str) else value for name, value in values.items()}
        found[language] = text.format(**shown)
    return found
