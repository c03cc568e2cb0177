"""Error-Cause (RFC 5176 section 3.5): what a switch means by no, and whether asking again can help."""

from __future__ import annotations

from controller.core.errors import CoaBusy, CoaRefused, DeviceError

# 201, 202, 507 come with other outcomes than a plain no, but a NAK may carry any of them.
CAUSES: dict[int, str] = {
    201: "residual session context removed",
    202: "invalid EAP packet",
    401: "unsupported attribute",
    402: "missing attribute",
    403: "NAS identification mismatch",
    404: "invalid request",
    405: "unsupported service",
    406: "unsupported extension",
    407: "invalid attribute value",
    501: "administratively prohibited",
    502: "request not routable",
    503: "session context not found",
    504: "session context not removable",
    505: "other proxy processing error",
    506: "resources unavailable",
    507: "request initiated",
    508: "multiple session selection unsupported",
}
MAY_PASS = frozenset({505, 506})
ADVICE = {
    401: "is coa.kind the right one for this switch?",
    402: "the switch wants more to identify the session: coa.identify",
    403: "set coa.nas_ip or coa.nas_identifier to what the switch calls itself",
    407: "coa.mac_format and coa.identify must match what the switch sends",
    501: "allow this command on the switch (Cisco: no authentication command bounce-port ignore)",
    503: "no such session: coa.mac_format must match what the switch sends; or the machine is gone",
}


def refusal(cause: int | None, *, where: str, command: str) -> DeviceError:
    """The error for a NAK. CoaBusy may be tried again, CoaRefused not."""
    if cause is None:
        return CoaRefused("the switch said no and gave no reason", where=where, command=command, error_cause=None)
    kind = CoaBusy if cause in MAY_PASS else CoaRefused
    said = CAUSES.get(cause, "a reason that RFC 5176 does not have")
    text = f"the switch said no: {said} (Error-Cause {cause})"
    return kind(text, where=where, do=ADVICE.get(cause), command=command, error_cause=cause)
