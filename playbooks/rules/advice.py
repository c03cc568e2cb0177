"""What a person can do about a ruling, in English and Chinese. Placeholders are those of the rule's sentence."""

from __future__ import annotations

_FIND = {
    "en": "see where it is and who says so: cordon endpoint find",
    "zh": "查看它在哪里、依据是什么:cordon endpoint find",
}
_AGAIN = {
    "en": "ask again; if it stays so, check the way in to the switch: cordon doctor",
    "zh": "请重试;若仍如此,请检查交换机的接入:cordon doctor",
}
_EDGE = {
    "en": "act at the edge port behind it: cordon endpoint find shows the way",
    "zh": "应在其后的接入端口处置:cordon endpoint find 可查",
}
_HELD = {"en": "see what is contained: cordon action ls", "zh": "查看已有的处置:cordon action ls"}
_APPROVE = {
    "en": "another person says yes or no: cordon action approve, or reject",
    "zh": "由另一人决定:cordon action approve 或 reject",
}
_BY_HAND = {
    "en": "a person may do it by hand: cordon port",
    "zh": "可由人工执行:cordon port",
}
_VLANS = {
    "en": "give the switch a quarantine_vlan or a quarantine_range in switches.yaml",
    "zh": "请在 switches.yaml 中为该交换机设置 quarantine_vlan 或 quarantine_range",
}

ADVICE: dict[str, dict[str, str]] = {
    "verdict": _FIND,
    "located": _FIND,
    "no-port": _FIND,
    "no-evidence": _FIND,
    "contained-already": {
        "en": "see it, renew or release it: cordon action show {containment}",
        "zh": "查看、延长或解除:cordon action show {containment}",
    },
    "evidence-age": _AGAIN,
    "facts-missing": _AGAIN,
    "facts-age": _AGAIN,
    "site-kind": _EDGE,
    "uplink": _EDGE,
    "trunk": _EDGE,
    "aggregate": _EDGE,
    "neighbour": _EDGE,
    "elsewhere": _FIND,
    "mac-gone": {
        "en": "it left or moved: cordon endpoint find {mac}",
        "zh": "它已离开或移动:cordon endpoint find {mac}",
    },
    "no-link": _AGAIN,
    "phone": {
        "en": "block its MAC alone, where the switch can: cordon port mac-block",
        "zh": "若交换机支持,只封禁其 MAC:cordon port mac-block",
    },
    "phone-itself": _APPROVE,
    "many-macs": {
        "en": "act where it is the only machine, or block its MAC alone where few share the port: cordon port mac-block",
        "zh": "在它独占的端口处置;若共用端口的终端不多,可只封禁其 MAC:cordon port mac-block",
    },
    "nobody-there": _BY_HAND,
    "mac-needed": {"en": "name it: --mac", "zh": "请指定:--mac"},
    "mac-vlan": {"en": "shut the port instead: cordon port block", "zh": "改为关闭端口:cordon port block"},
    "already-down": _HELD,
    "already-quarantined": _HELD,
    "already-blocked": _HELD,
    "already-up": _HELD,
    "held": {
        "en": "find the cause at the switch first, then enable the port there",
        "zh": "请先在交换机上查明原因,再在那里启用端口",
    },
    "vlan-unknown": _VLANS,
    "quarantine-shared": {
        "en": "say quarantine_isolated: true if its machines cannot reach each other, or give a quarantine_range",
        "zh": "若其中终端确实互不可达,请声明 quarantine_isolated: true,或设置 quarantine_range",
    },
    "quarantine-full": {
        "en": "release one (cordon action ls), or widen quarantine_range",
        "zh": "先解除一个(cordon action ls),或扩大 quarantine_range",
    },
    "verb-missing": {"en": "ask for one that it offers: {offered}", "zh": "请改用其支持的动作:{offered}"},
    "mac-blocks": {
        "en": "release one (cordon action ls), or raise containment.limits.max_mac_blocks",
        "zh": "先解除一个(cordon action ls),或提高 containment.limits.max_mac_blocks",
    },
    "by-hand-only": _BY_HAND,
    "passing": {
        "en": "cordon port block, quarantine or mac-block; or leave the duration out",
        "zh": "cordon port block、quarantine 或 mac-block;或不要指定时长",
    },
    "approved-other": _APPROVE,
    "protected": {
        "en": "{needed} other people decide: cordon action approve",
        "zh": "由另外 {needed} 人决定:cordon action approve",
    },
    "sampling": {
        "en": "set the exporter's sampling rate, or approve: cordon action approve",
        "zh": "请设置导出设备的采样率,或批准:cordon action approve",
    },
    "observe-verb": _BY_HAND,
    "alert-asks": _BY_HAND,
    "alert-approval": _APPROVE,
    "mode-observe": _BY_HAND,
    "mode-approve": _APPROVE,
    "playbook-observe": _BY_HAND,
    "playbook-approve": _APPROVE,
    "maintenance": _BY_HAND,
    "maintenance-approve": _APPROVE,
    "switch-budget": _APPROVE,
    "site-budget": _APPROVE,
    "bulk-stop": {
        "en": "see who or what stopped it (cordon action stops) and what is going on, then: cordon action resume",
        "zh": "先查明停止的原因(cordon action stops)和情况,然后:cordon action resume",
    },
}
