# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that RMAN has here. Another one is RMAN-00558, and the record of the call says which."""

from __future__ import annotations

from impax_lab.rman import backing, checking, listing, removing, words
from impax_lab.rman.session import Session


def carry_out(session: Session, text: str) -> None:
    """Do one command. Raises RmanError."""
    told = words.Words(text)
    try:
        verb = told.one_of(*COMMANDS)
    except words.SyntaxWrong as wrong:
        session.call.note(f"rman: {text}")
        raise words.SyntaxWrong(told.peek(), words.VERBS) from wrong
    try:
        COMMANDS[verb](session, told)
    except words.SyntaxWrong:
        session.call.note(f"rman: {text}")
        raise


def _connect(session: Session, told: words.Words) -> None:
    told.one_of("target")
    session.connect("".join(told.all[told.at :]).strip("'\""))


def _list(session: Session, told: words.Words) -> None:
    expired = told.take("expired")
    wanted = words.chosen(told, session.files)
    session.control_file()
    found = words.selected(session.known(), wanted)
    found = [each for each in found if each.status == "EXPIRED"] if expired else found
    shown = listing.summary if wanted.summary else listing.in_full
    session.say(shown(found, session.style))


def _report(session: Session, told: words.Words) -> None:
    told.one_of("obsolete", "schema")
    told.end()
    session.control_file()
    if told.all[1].lower() == "schema":
        return _schema(session)
    redundancy, found = removing.obsolete(session)
    session.say(listing.policy(redundancy))
    if not found:
        return session.say("no obsolete backups found\n")
    return session.say("Report of obsolete backups and copies\n" + listing.obsolete(found, session.style))


def _schema(session: Session) -> None:
    rows = (f"{number:<4} {round(mb):<8} {space:<20} {'YES' if space in ('SYSTEM', 'UNDO') else 'NO':<7} {path}\n"
            for number, space, path, mb in session.files)  # fmt: skip
    session.say(f"Report of database schema for database with db_unique_name {session.name}\n\nList of Permanent Datafiles\n"
                "===========================\nFile Size(MB) Tablespace           RB segs Datafile Name\n"
                "---- -------- -------------------- ------- ------------------------\n" + "".join(rows))  # fmt: skip


def _show(session: Session, told: words.Words) -> None:
    asked = " ".join(told.all[told.at :]).lower()
    redundancy, _ = removing.obsolete(session) if session.connected else (1, [])
    lines = listing.settings(session.style, redundancy, backing.default_device(session), session.call.windows)
    found = [line for name, line in lines if asked in ("all", name)]
    if not found:
        raise told.wrong("all", *(name for name, _ in lines))
    session.control_file()
    session.say(f"RMAN configuration parameters for database with db_unique_name {session.name} are:\n"
                + "".join(f"{line}\n" for line in found))  # fmt: skip


COMMANDS = {
    "connect": _connect,
    "list": _list,
    "report": _report,
    "show": _show,
    "crosscheck": removing.crosscheck,
    "delete": removing.delete,
    "validate": checking.validate,
    "restore": checking.restore,
    "backup": backing.command,
}
