# SPDX-License-Identifier: GPL-3.0-or-later
"""WS-Management messages as [MS-WSMV] describes them: requests taken apart, responses and faults put together."""

from __future__ import annotations

import re
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
CMD = f"{SHELL}/cmd"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
IDENTIFY = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "rsp": SHELL,
}


class Fault(Exception):
    """A WS-Management fault. code: WSManFault's number. subcode: as the specification names it, with its prefix."""

    def __init__(self, code: int, subcode: str, reason: str, sender: bool = True) -> None:
        super().__init__(reason)
        self.code, self.subcode, self.reason, self.sender = code, subcode, reason, sender


def timed_out() -> Fault:
    return Fault(
        2150858793,
        "w:TimedOut",
        "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.",
        sender=False,
    )


def shell_not_found(shell: str | None) -> Fault:
    return Fault(
        2150858843,
        "w:InvalidSelectors",
        f"The request for the Windows Remote Shell with ShellId {shell} failed because the shell was not found on "
        "the server. Possible causes are: the specified ShellId is incorrect or the shell no longer exists on the "
        "server. Provide the correct ShellId or create a new shell and retry the operation.",
    )


def command_not_found() -> Fault:
    """assumed for a CommandId that the service does not know; seen for one that is missing (2016)."""
    return win32(87)


def quota_exceeded(most: int) -> Fault:
    return Fault(
        2150859174,
        "w:QuotaLimit",
        f"The WS-Management service cannot process the request. This user is allowed a maximum number of {most} "
        "concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user.",
    )


def win32(code: int) -> Fault:
    """A Windows error number, which is the fault's own (seen: 2, 5, 87, of 2008 R2 and 2016)."""
    known = {
        2: "The system cannot find the file specified. ",
        5: "Access is denied. ",
        87: "The parameter is incorrect. ",
        193: "%1 is not a valid Win32 application. ",
        206: "The filename or extension is too long. ",
        267: "The directory name is invalid. ",
    }
    subcode = "w:InvalidParameter" if code == 87 else "w:InternalError"
    return Fault(code, subcode, known.get(code, f"Windows error {code}. "), sender=code == 87)


def access_denied() -> Fault:
    return Fault(5, "w:AccessDenied", "Access is denied. ")


@dataclass(frozen=True)
class Request:
    """One request. verb: last part of its action. timeout: OperationTimeout in seconds."""

    action: str
    message_id: str
    resource: str
    body: ET.Element
    shell: str | None = None
    timeout: float = 60.0
    options: dict[str, str] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        return self.action.rsplit("/", 1)[-1]

    def text(self, name: str, default: str = "") -> str:
        return self.body.findtext(f".//rsp:{name}", default, NS) or default

    def flag(self, option: str) -> bool:
        return self.options.get(option, "").upper() in ("TRUE", "1")

    def command_id(self) -> str | None:
        return next((node.get("CommandId") for node in self.body.iter() if node.get("CommandId")), None)


def parse(message: bytes) -> Request:
    """Raises Fault when it is no WS-Management message."""
    try:
        root = ET.fromstring(message)
    except ET.ParseError as error:
        raise Fault(2150858817, "w:SchemaValidationError", f"The XML is not well formed: {error}") from error
    head, body = root.find("s:Header", NS), root.find("s:Body", NS)
    if body is None:
        raise Fault(2150858817, "w:SchemaValidationError", "The SOAP envelope has no body.")
    if body.find(f"{{{IDENTIFY}}}Identify") is not None:
        return Request(f"{IDENTIFY}/Identify", "", "", body)
    if head is None:
        raise Fault(2150858817, "w:SchemaValidationError", "The SOAP envelope has no header.")
    return Request(
        action=(head.findtext("a:Action", "", NS) or "").strip(),
        message_id=(head.findtext("a:MessageID", "", NS) or "").strip(),
        resource=(head.findtext("w:ResourceURI", "", NS) or "").strip(),
        body=body,
        shell=next((s.text for s in head.iterfind(".//w:Selector", NS) if s.get("Name") == "ShellId"), None),
        timeout=duration(head.findtext("w:OperationTimeout", "", NS), 60.0),
        options={o.get("Name", ""): o.text or "" for o in head.iterfind(".//w:Option", NS)},
    )


def duration(text: str | None, default: float) -> float:
    """Seconds of an xs:duration without years and months; a bare number is seconds too."""
    match = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?", text or "")
    if match and any(match.groups()):
        return sum(float(part or 0) * unit for part, unit in zip(match.groups(), (86400, 3600, 60, 1), strict=True))
    return float(text) if text and re.fullmatch(r"[\d.]+", text) else default


def envelope(action: str, body: str, relates_to: str) -> bytes:
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
    return (
        f'<s:Envelope xml:lang="en-US" {spaces}><s:Header><a:Action>{action}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID>"
        "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(problem: Fault, machine: str, relates_to: str) -> bytes:
    reason = escape(problem.reason)
    return envelope(
        FAULT_ACTION,
        f"<s:Fault><s:Code><s:Value>s:{'Sender' if problem.sender else 'Receiver'}</s:Value><s:Subcode><s:Value>"
        f"{problem.subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason><s:Detail>'
        '<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" '
        f'Code="{problem.code}" Machine="{escape(machine)}"><f:Message>{reason}</f:Message></f:WSManFault>'
        "</s:Detail></s:Fault>",
        relates_to,
    )
