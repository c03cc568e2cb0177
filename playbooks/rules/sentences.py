"""Sentences of the rules, in English and Chinese. Placeholders are the same in both (a test checks it)."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    "verdict": {
        "en": "the tables do not prove a port: verdict {verdict}",
        "zh": "转发表不能证明端口:结论为 {verdict}",
    },
    "located": {"en": "the location is refused: {why}", "zh": "定位被拒绝:{why}"},
    "no-port": {"en": "no port is known for this endpoint", "zh": "该终端没有已知端口"},
    "contained-already": {
        "en": "it is contained already, by {containment} on {port}",
        "zh": "它已被处置:{containment},位于 {port}",
    },
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
    "elsewhere": {"en": "it is on {located}, not on {port}", "zh": "它在 {located},不在 {port}"},
    "uplink": {"en": "{port} is an uplink", "zh": "{port} 是上联端口"},
    "trunk": {"en": "{port} is a trunk", "zh": "{port} 是中继端口(trunk)"},
    "aggregate": {
        "en": "{port} is an aggregate or a member of one",
        "zh": "{port} 是聚合端口或其成员",
    },
    "neighbour": {"en": "connected to {port}: {kind}", "zh": "{port} 上连接着{kind}"},
    "phone": {
        "en": "a phone is on {port}: {verb} would cut it off too",
        "zh": "{port} 上有一部话机:{verb} 会同时切断它",
    },
    "phone-itself": {
        "en": "{mac} is the phone on {port} itself, and what is behind it can send under its MAC",
        "zh": "{mac} 是 {port} 上的话机本身,其后的终端可以冒用该 MAC",
    },
    "mac-gone": {"en": "{mac} is not learned on {port} now", "zh": "{mac} 目前不在 {port} 上"},
    "no-link": {
        "en": "{mac} is said to be learned on {port}, which has no link: the tables do not fit together",
        "zh": "{port} 没有链路,却显示学到了 {mac}:各表互相矛盾",
    },
    "nobody-there": {
        "en": "no machine is learned on {port} now: nobody knows what would be cut off",
        "zh": "{port} 上目前没有学到任何终端:不知会切断什么",
    },
    "mac-needed": {"en": "mac-block needs the MAC of the endpoint", "zh": "mac-block 需要终端的 MAC 地址"},
    "many-macs": {
        "en": "{count} MACs are on {port}, the limit for {verb} is {limit}",
        "zh": "{port} 上有 {count} 个 MAC,{verb} 的上限为 {limit}",
    },
    "already-down": {
        "en": "{port} is already down, not by this request: nothing to do and nothing to undo",
        "zh": "{port} 已关闭,并非本次请求所为:无需动作,也无可撤销",
    },
    "vlan-unknown": {
        "en": "the quarantine VLAN or the port's present VLAN is not known, so there is no undo",
        "zh": "隔离 VLAN 或端口当前 VLAN 未知,因此无法撤销",
    },
    "already-up": {"en": "{port} is up already: there is nothing to open", "zh": "{port} 已开启:无需打开"},
    "already-quarantined": {
        "en": "{port} is in VLAN {vlan} already, not by this request: nothing to do and nothing to undo",
        "zh": "{port} 已在 VLAN {vlan} 中,并非本次请求所为:无需动作,也无可撤销",
    },
    "already-blocked": {
        "en": "{mac} is blocked on {switch} already, not by this request: nothing to do and nothing to undo",
        "zh": "{mac} 已在 {switch} 上被封禁,并非本次请求所为:无需动作,也无可撤销",
    },
    "held": {
        "en": "the switch itself keeps {port} down ({held}): closing and opening it would clear that",
        "zh": "交换机自身已关闭 {port}({held}):再关闭和打开会清除该状态",
    },
    "mac-vlan": {
        "en": "{mac} is learned in VLAN {vlan}, the VLAN of {port} is {pvid}: a block there may not reach it",
        "zh": "{mac} 在 VLAN {vlan} 中学到,而 {port} 的 VLAN 为 {pvid}:封禁可能无效",
    },
    "quarantine-shared": {
        "en": "VLAN {vlan} of {switch} is not declared isolated: quarantined machines could reach each other",
        "zh": "{switch} 的 VLAN {vlan} 未声明为隔离:被隔离的终端之间可能互通",
    },
    "quarantine-full": {
        "en": "every VLAN of the quarantine range of {switch} is taken: two machines would share one",
        "zh": "{switch} 的隔离 VLAN 范围已用尽:两台终端将共用一个",
    },
    "verb-missing": {
        "en": "the way in to {switch} does not offer {verb}; it offers {offered}",
        "zh": "{switch} 的接入方式不支持 {verb};支持的有 {offered}",
    },
    "mac-blocks": {
        "en": "{used} MACs are blocked on {switch} already, the limit is {limit}",
        "zh": "{switch} 上已封禁 {used} 个 MAC,上限为 {limit}",
    },
    "approved-other": {
        "en": "approved was {was} on {before}; now it would be {verb} on {port}: it has to be approved again",
        "zh": "此前批准的是对 {before} 执行 {was};现在将对 {port} 执行 {verb}:须重新批准",
    },
    "by-hand-only": {"en": "{verb} is done by people only", "zh": "{verb} 只能由人工执行"},
    "protected": {
        "en": "{hit} is protected: never automatic, needs approval by {needed} other people, has {have}",
        "zh": "{hit} 受保护:绝不自动处置,须另外 {needed} 人批准,现有 {have} 人",
    },
    "playbook-observe": {
        "en": "the playbook {playbook} is in observe mode: recorded, not done",
        "zh": "剧本 {playbook} 处于观察模式:只记录,不执行",
    },
    "playbook-approve": {
        "en": "the playbook {playbook} is in approve mode: a person has to say yes",
        "zh": "剧本 {playbook} 处于批准模式:须人工同意",
    },
    "passing": {
        "en": "{verb} keeps nobody off: the machine authenticates again; ask for shut, quarantine-vlan or mac-block",
        "zh": "{verb} 不能阻断终端:它会重新认证;请改用 shut、quarantine-vlan 或 mac-block",
    },
    "maintenance": {
        "en": "the maintenance window {window} is open: nothing is done automatically",
        "zh": "维护窗口 {window} 进行中:不自动处置",
    },
    "maintenance-approve": {
        "en": "the maintenance window {window} is open: a person has to say yes",
        "zh": "维护窗口 {window} 进行中:须人工同意",
    },
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
        "en": "automatic action is stopped here, by a person or because detections came in bulk, until a person clears the stop",
        "zh": "此处的自动处置已停止(人工停止,或告警成批出现),须人工解除",
    },
}
