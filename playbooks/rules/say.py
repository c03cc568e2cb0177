"""Sentences of the rules, in English and Chinese. Placeholders are the same in both (a test checks it)."""

from __future__ import annotations

from playbooks.judgement import Outcome, Ruling

SENTENCES: dict[str, dict[str, str]] = {
    "verdict": {
        "en": "the tables do not prove a port: verdict {verdict}",
        "zh": "转发表不能证明端口:结论为 {verdict}",
    },
    "located": {"en": "the location is refused: {why}", "zh": "定位被拒绝:{why}"},
    "no-port": {"en": "no port is known for this endpoint", "zh": "该终端没有已知端口"},
    "evidence-age": {
        "en": "the oldest evidence is {age_s} s old, the limit is {limit_s} s",
        "zh": "最旧的证据已有 {age_s} 秒,上限为 {limit_s} 秒",
    },
    "no-evidence": {"en": "there is no evidence for this location", "zh": "该定位没有任何证据"},
    "site-kind": {
        "en": "{switch} is a {kind} switch; only edge switches are acted on",
        "zh": "{switch} 是 {kind} 交换机;只对接入交换机动作",
    },
    "facts-missing": {
        "en": "the switch was not read, so nothing is known of the port now",
        "zh": "未读取交换机,端口现状未知",
    },
    "facts-age": {
        "en": "the port was read {age_s} s ago, the limit is {limit_s} s",
        "zh": "端口状态是 {age_s} 秒前读取的,上限为 {limit_s} 秒",
    },
    "infrastructure": {"en": "{port} is {what}", "zh": "{port} 是{what}"},
    "neighbour": {"en": "a {kind} is connected to {port}", "zh": "{port} 上连接着 {kind}"},
    "phone": {
        "en": "a phone is on {port}: {verb} would cut it off too",
        "zh": "{port} 上有一部话机:{verb} 会同时切断它",
    },
    "mac-gone": {"en": "{mac} is not learned on {port} now", "zh": "{mac} 目前不在 {port} 上"},
    "mac-needed": {"en": "mac-block needs the MAC of the endpoint", "zh": "mac-block 需要终端的 MAC 地址"},
    "many-macs": {
        "en": "{count} MACs are on {port}, the limit for {verb} is {limit}",
        "zh": "{port} 上有 {count} 个 MAC,{verb} 的上限为 {limit}",
    },
    "already-down": {
        "en": "{port} is already down by somebody else's hand: nothing to do",
        "zh": "{port} 已被他人关闭:无需动作",
    },
    "vlan-unknown": {
        "en": "the quarantine VLAN or the port's present VLAN is not known, so there is no undo",
        "zh": "隔离 VLAN 或端口当前 VLAN 未知,因此无法撤销",
    },
    "protected": {"en": "{hit}: never automatic, needs two approvals", "zh": "{hit}:绝不自动处置,需要两人批准"},
    "sampling": {
        "en": "the exporter's sampling rate is unknown: never acts by itself",
        "zh": "导出设备的采样率未知:绝不自动处置",
    },
    "alert-asks": {"en": "the alert asks for {response}, not for an action", "zh": "该告警要求 {response},而非处置"},
    "alert-approval": {"en": "the alert asks for approval by a person", "zh": "该告警要求人工批准"},
    "observe-verb": {"en": "the request is to observe only", "zh": "该请求仅要求观察"},
    "mode-observe": {"en": "the site is in observe mode: recorded, not done", "zh": "站点处于观察模式:只记录,不执行"},
    "mode-approve": {"en": "the site is in approve mode: a person has to say yes", "zh": "站点处于批准模式:须人工同意"},
    "switch-budget": {
        "en": "{used} automatic actions on this switch in {window_s} s, the limit is {limit}",
        "zh": "该交换机在 {window_s} 秒内已有 {used} 次自动处置,上限为 {limit}",
    },
    "site-budget": {
        "en": "{used} automatic actions in this site in {window_s} s, the limit is {limit}",
        "zh": "该站点在 {window_s} 秒内已有 {used} 次自动处置,上限为 {limit}",
    },
    "bulk-stop": {
        "en": "detections come in bulk: automatic action is stopped until a person looks",
        "zh": "告警成批出现:自动处置已停止,等待人工查看",
    },
}


def say(rule: str, outcome: Outcome, **values: object) -> Ruling:
    """A ruling with its sentence filled in, in every language."""
    says = {language: text.format(**values) for language, text in SENTENCES[rule].items()}
    return Ruling(rule=rule, outcome=outcome, says=says)
