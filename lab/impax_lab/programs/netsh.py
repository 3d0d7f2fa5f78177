# SPDX-License-Identifier: GPL-3.0-or-later
"""netsh, its firewall contexts: rules of Windows 2008, port openings of Windows 2003. It ends with 0 or 1.

Rules that a station begins with: ``options: {firewall: [{name, port, protocol, enabled, dir, action, profiles, remoteip}]}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from impax_lab.windows import services

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("netsh",)
SYSTEMS = ("windows",)
SOURCES = (
    "Microsoft, Netsh Commands for Windows Firewall (2003) and for Windows Firewall with Advanced Security (2008); public "
    "console output of show rule and show portopening; exit codes, what set changes and a stopped service's text assumed"
)
SPECIAL = {
    "says_ok_adds_nothing": "it prints Ok. and the rule is not there (a group policy puts its own rules back)",
    "adds_disabled": "the rule is there and not enabled",
    "wrong_port": "the rule is there with another port",
    "access_denied": "the account is no administrator",
    "service_off": "the firewall's service does not run (1062)",
}
FAILURE = "The requested operation requires elevation (Run as administrator).\n\n"
TRANSLATED = {  # German
    "Rule Name:": "Regelname:", "Enabled:  ": "Aktiviert:", "Direction:": "Richtung: ", "Profiles:": "Profile: ",
    "Grouping:": "Gruppierung:", "Protocol:": "Protokoll:", "LocalPort:": "Lokaler Port:", "Action:": "Aktion:",
    "  Allow\n": "  Zulassen\n", "  In\n": "  Eingehend\n", "  Yes\n": "  Ja\n", "  No\n": "  Nein\n", "Ok.": "OK.",
    "No rules match the specified criteria.": "Es stimmen keine Regeln mit den angegebenen Kriterien \u00fcberein.",
    "Port configuration for Domain profile": "Portkonfiguration f\u00fcr Dom\u00e4nenprofil",
    "Port configuration for Standard profile": "Portkonfiguration f\u00fcr Standardprofil", "  Enable ": "  Aktivieren ",
}  # fmt: skip
NO_ADMINISTRATOR = {True: "Access is denied.\n\n", False: FAILURE}
OFF = {
    True: "\nThe service has not been started.\n\n",
    False: "\nAn error occurred while attempting to contact the  Windows Firewall service. "
    "Make sure that the service is running and try your request again.\n\n",
}
NOT_VALID = "A specified value is not valid.\n\n"
NO_RULE = "\nNo rules match the specified criteria.\n\n"
DEPRECATED = (
    '\nIMPORTANT: Command executed successfully.\nHowever, "netsh firewall" is deprecated;\nuse "netsh advfirewall firewall" '
    'instead.\nFor more information on using "netsh advfirewall firewall" commands\ninstead of "netsh firewall", see KB '
    "article 947709\nat http://go.microsoft.com/fwlink/?linkid=121488 .\n\n"
)
MODERN = ("domain", "private", "public")
OLDER = ("domain", "standard")
Rule = dict[str, Any]


class Refused(Exception):
    """What netsh prints instead of doing it."""


def main(call: Call) -> int:
    old = call.station.spec.release.startswith("5.")
    words = [word.lower() for word in call.words[1:4]]
    try:
        if call.behaviour == "access_denied":
            raise Refused(NO_ADMINISTRATOR[old])
        if words[:2] == ["advfirewall", "firewall"] and not old:
            _running(call, old, "MpsSvc")
            return _modern(call, call.words[3:])
        if words[:1] == ["firewall"]:
            _running(call, old, "SharedAccess" if old else "MpsSvc")
            return _older(call, call.words[2:], old)
        raise Refused(f"The following command was not found: {' '.join(call.words[1:])}.\n")
    except Refused as said:
        call.out(str(said))
        return 1


def _running(call: Call, old: bool, service: str) -> None:
    """A service that the site does not name counts as running."""
    state = services.all_services(call).get(service, "running")
    if call.behaviour == "service_off" or state != "running":
        raise Refused(OFF[old])


def rules(call: Call, profiles: tuple[str, ...]) -> list[Rule]:
    began = [_rule(given, profiles) for given in call.station.spec.options.get("firewall") or []]
    return [dict(rule) for rule in call.station.folder.remembered().get("firewall", began)]


def _rule(given: Rule, profiles: tuple[str, ...]) -> Rule:
    rule: Rule = {"enabled": True, "dir": "in", "action": "allow", "protocol": "tcp", "remoteip": "any", **given}
    return {**rule, "port": str(rule["port"]), "profiles": list(rule.get("profiles") or profiles)}


def _keep(call: Call, now: list[Rule]) -> None:
    if not call.pretend and call.behaviour != "says_ok_adds_nothing":
        with call.station.folder.remembering() as memory:
            memory["firewall"] = now


def _bent(call: Call, rule: Rule) -> Rule:
    if call.behaviour == "adds_disabled":
        return {**rule, "enabled": False}
    if call.behaviour == "wrong_port":
        return {**rule, "port": str(int(rule["port"]) + 1)}
    return rule


# netsh advfirewall firewall


def _modern(call: Call, words: list[str]) -> int:
    verb = " ".join(words[:2]).lower()
    if verb not in _VERBS:
        raise Refused(f"The following command was not found: {' '.join(call.words[1:])}.\n")
    return _VERBS[verb](call, words[2:])


def _tags(words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    if not all(equals for _, equals, _ in pairs):
        raise Refused(NOT_VALID)
    return {tag.strip().lower(): value for tag, _, value in pairs}


def _named(now: list[Rule], name: str) -> list[Rule]:
    return [rule for rule in now if name.lower() in ("all", rule["name"].lower())]


def _show(call: Call, words: list[str]) -> int:
    verbose = [word.lower() for word in words[-1:]] == ["verbose"]
    asked = _tags(words[:-1] if verbose else words)
    found = _named(rules(call, MODERN), asked.get("name", ""))
    if not found:
        raise Refused(NO_RULE)
    call.out("".join(_shown(rule, verbose) for rule in found) + "Ok.\n\n")
    return 0


def _shown(rule: Rule, verbose: bool) -> str:
    fields = [
        *([("Description:", "")] if verbose else []),
        ("Enabled:", "Yes" if rule["enabled"] else "No"),
        ("Direction:", rule["dir"].capitalize()),
        ("Profiles:", ",".join(name.capitalize() for name in MODERN if name in rule["profiles"])),
        ("Grouping:", ""),
        ("LocalIP:", "Any"),
        ("RemoteIP:", "Any" if rule["remoteip"] == "any" else rule["remoteip"]),
        ("Protocol:", rule["protocol"].upper()),
        ("LocalPort:", rule["port"]),
        ("RemotePort:", "Any"),
        ("Edge traversal:", "No"),
        *(
            [("InterfaceTypes:", "Any"), ("Security:", "NotRequired"), ("Rule source:", "Local Setting")]
            if verbose
            else []
        ),
        ("Action:", rule["action"].capitalize()),
    ]
    return f"\n{'Rule Name:':<38}{rule['name']}\n{'-' * 70}\n" + "".join(f"{a:<38}{b}\n" for a, b in fields)


def _add(call: Call, words: list[str]) -> int:
    tags = _tags(words)
    if not {"name", "dir", "action"} <= set(tags) or tags["name"].lower() == "all":
        raise Refused(NOT_VALID)
    rule = _changed(_rule({"name": tags["name"], "port": "any", "protocol": "any"}, MODERN), tags)
    _keep(call, [*rules(call, MODERN), _bent(call, rule)])
    call.out("Ok.\n\n")
    return 0


def _changed(rule: Rule, tags: dict[str, str]) -> Rule:
    named = {"localport": "port", "protocol": "protocol", "dir": "dir", "action": "action", "remoteip": "remoteip"}
    rule = {**rule, **{named[tag]: value.lower() for tag, value in tags.items() if tag in named}}
    if "enable" in tags:
        rule["enabled"] = tags["enable"].lower() == "yes"
    if "profile" in tags:
        chosen = tags["profile"].lower().split(",")
        if not set(chosen) <= {"any", *MODERN}:
            raise Refused(NOT_VALID)
        rule["profiles"] = list(MODERN) if "any" in chosen else [name for name in MODERN if name in chosen]
    ports = rule["port"].replace("-", ",").split(",")
    if rule["port"] != "any" and not all(port.strip().isdigit() and int(port) < 65536 for port in ports):
        raise Refused(NOT_VALID)
    return rule


def _set(call: Call, words: list[str]) -> int:
    split = next((place for place, word in enumerate(words) if word.lower() == "new"), None)
    if split is None:
        raise Refused(NOT_VALID)
    now, name, tags = rules(call, MODERN), _tags(words[:split]).get("name", ""), _tags(words[split + 1 :])
    found = _named(now, name)
    if not found:
        raise Refused(NO_RULE)
    _keep(call, [_bent(call, _changed(rule, tags)) if rule in found else rule for rule in now])
    call.out(f"\nUpdated {len(found)} rule(s).\nOk.\n\n")
    return 0


def _delete(call: Call, words: list[str]) -> int:
    now = rules(call, MODERN)
    found = _named(now, _tags(words).get("name", ""))
    if not found:
        raise Refused(NO_RULE)
    _keep(call, [rule for rule in now if rule not in found])
    call.out(f"\nDeleted {len(found)} rule(s).\nOk.\n\n")
    return 0


_VERBS = {"show rule": _show, "add rule": _add, "set rule": _set, "delete rule": _delete}


# netsh firewall


def _older(call: Call, words: list[str], old: bool) -> int:
    verb = " ".join(words[:2]).lower()
    now = rules(call, OLDER if old else MODERN)
    if verb == "show portopening":
        call.out("\n".join(_openings(now, profile) for profile in OLDER) + "\n")
    elif verb in ("add portopening", "delete portopening"):
        _keep(call, _opened(call, now, verb.startswith("add"), _placed(words[2:], verb)))
        call.out("Ok.\n\n" if old else "")
    else:
        raise Refused(f"The following command was not found: {' '.join(call.words[1:])}.\n")
    call.out("" if old else f"{DEPRECATED}Ok.\n\n")
    return 0


def _placed(words: list[str], verb: str) -> dict[str, str]:
    """Words with a tag, or by their place."""
    order = ["protocol", "port", *(["name", "mode", "scope", "addresses"] if verb.startswith("add") else []), "profile"]
    plain = [word for word in words if "=" not in word]
    given = {**dict(zip(order, plain, strict=False)), **_tags([word for word in words if "=" in word])}
    if given.get("protocol", "").upper() not in ("TCP", "UDP", "ALL") or not given.get("port", "").isdigit():
        raise Refused("The syntax supplied for this command is not valid. Check help for the correct syntax.\n\n")
    return given


def _opened(call: Call, now: list[Rule], adding: bool, given: dict[str, str]) -> list[Rule]:
    """A port has one opening a profile; without `profile` it is the current one, which is the standard one here."""
    profile = given.get("profile", "CURRENT").lower()
    chosen = OLDER if profile == "all" else ("standard",) if profile == "current" else (profile,)
    place = (given["protocol"].lower(), given["port"])
    rest = []
    for rule in now:
        left = [name for name in rule["profiles"] if (rule["protocol"], rule["port"]) != place or name not in chosen]
        rest += [{**rule, "profiles": left}] if left else []
    if not adding:
        return rest
    enabled = given.get("mode", "ENABLE").upper() == "ENABLE"
    fresh = {"name": given.get("name", ""), "protocol": place[0], "port": place[1], "enabled": enabled}
    return [*rest, *(_bent(call, _rule({**fresh, "profiles": [name]}, OLDER)) for name in chosen)]


def _openings(now: list[Rule], profile: str) -> str:
    rows = [rule for rule in now if profile in rule["profiles"]]
    return (
        f"\nPort configuration for {profile.capitalize()} profile:\nPort   Protocol  Mode     Name\n{'-' * 67}\n"
        + "".join(
            f"{rule['port']:<7}{rule['protocol'].upper():<10}{'Enable' if rule['enabled'] else 'Disable':<9}{rule['name']}\n"
            for rule in rows
        )
    )
