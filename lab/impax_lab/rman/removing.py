# SPDX-License-Identifier: GPL-3.0-or-later
"""DELETE and CROSSCHECK.

DELETE shows what it is about to delete and asks, without a line end behind the question; the answer is the next line of the
input. It refuses an AVAILABLE piece that is not there and an EXPIRED one that is (RMAN-06207), unless FORCE is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from impax_lab.rman import catalogue, forms, listing, pieces, retention, words
from impax_lab.rman.catalogue import BackupSet
from impax_lab.rman.session import Session

QUESTION = "Do you really want to delete the above objects (enter YES or NO)? "


def delete(session: Session, told: words.Words) -> None:
    ask = not session.echo
    force = False
    while told.peek() in ("noprompt", "force", "prompt"):
        word = told.one_of("noprompt", "force", "prompt")
        ask, force = (word == "prompt", force) if word != "force" else (ask, True)
    if told.take("obsolete"):
        told.end()
        return _obsolete(session, ask, force)
    expired = told.take("expired")
    wanted = words.chosen(told, session.files, expired)
    session.control_file()
    found = words.selected(session.known(), wanted)
    found = [each for each in found if each.status == "EXPIRED"] if expired else found
    if not found:
        return session.say(listing.NOTHING)
    for device in dict.fromkeys(each.device for each in found):
        session.channel(device)
    session.say("\n" + listing.pieces(found))
    return _after_asking(session, found, ask, force, " EXPIRED" if expired else "")


def _obsolete(session: Session, ask: bool, force: bool) -> None:
    session.control_file()
    redundancy, found = obsolete(session)
    session.say(listing.policy(redundancy))
    session.channel("DISK")
    if not found:
        return session.say("no obsolete backups found\n")
    session.say("Deleting the following obsolete backups and copies:\n" + listing.obsolete(found, session.style))
    return _after_asking(session, found, ask, force, "")


def obsolete(session: Session) -> tuple[int, list[BackupSet]]:
    """The redundancy that is configured, and what is obsolete by it."""
    known = session.known()
    redundancy = int(catalogue.read(catalogue.path(session.station).parent)["redundancy"])
    return redundancy, retention.obsolete(known, redundancy)


def _after_asking(session: Session, found: Sequence[BackupSet], ask: bool, force: bool, which: str) -> None:
    if ask and not _agreed(session):
        return
    gone, kept = [], []
    for each in found:
        if not force and _mismatched(session, each):
            kept.append(each)
            continue
        _remove(session, each)
        gone.append(each)
        session.say(
            f"deleted backup piece\nbackup piece handle={each.piece} RECID={each.piece_key} STAMP={each.stamp}\n"
        )
    if gone:
        session.say(f"Deleted {len(gone)}{which} objects\n\n")
    if kept:
        session.say(_mismatches(kept))


def _agreed(session: Session) -> bool:
    """The answer to the question. The end of the input counts as NO (assumed)."""
    session.say("\n")
    while True:
        session.say(QUESTION)
        line = session.call.readline()
        answer = line.decode(session.station.spec.codec, "replace").strip().upper()
        if answer in forms.YES:
            return True
        if answer in forms.NO or not line:
            return False
        session.say(f'"{answer}" is not a valid response - please re-enter.\n')


def _mismatched(session: Session, backup: BackupSet) -> bool:
    there = pieces.state(session.station, backup) != pieces.MISSING
    return (backup.status == "EXPIRED") == there and backup.status != "UNAVAILABLE"


def _remove(session: Session, backup: BackupSet) -> None:
    if session.call.pretend or session.call.behaviour == "delete_says_done_keeps":
        return
    if session.call.behaviour != "delete_keeps_file":
        pieces.remove(session.station, backup)
    with catalogue.change(session.station) as kept:
        kept["sets"] = [each for each in kept["sets"] if each["key"] != backup.key]


def _mismatches(kept: Sequence[BackupSet]) -> str:
    device = "DISK" if kept[0].device == "DISK" else "SBT_TAPE"
    return (
        f"\nRMAN-06207: WARNING: {len(kept)} objects could not be deleted for {device} channel(s) due\n"
        "RMAN-06208:          to mismatched status.  Use CROSSCHECK command to fix status\n"
        "RMAN-06210: List of Mismatched objects\nRMAN-06211: ==========================\n"
        "RMAN-06212:   Object Type   Filename/Handle\n"
        "RMAN-06213: --------------- ---------------------------------------------------\n"
    ) + "".join(f"RMAN-06214: Backup Piece    {each.piece}\n" for each in kept)


def crosscheck(session: Session, told: words.Words) -> None:
    """A piece that is gone, or of no length, is EXPIRED; one that is there again is AVAILABLE. What is in it is not read."""
    wanted = words.chosen(told, session.files)
    session.control_file()
    found = words.selected(session.known(), wanted)
    if not found:
        return session.say(listing.NOTHING)
    for device in dict.fromkeys(each.device for each in found):
        session.channel(device)
    for each in found:
        there = pieces.state(session.station, each) not in (pieces.MISSING, pieces.EMPTY)
        status = "AVAILABLE" if there or session.call.behaviour == "crosscheck_blind" else "EXPIRED"
        _mark(session, each.key, status)
        session.say(f"crosschecked backup piece: found to be '{status}'\n"
                    f"backup piece handle={each.piece} RECID={each.piece_key} STAMP={each.stamp}\n")  # fmt: skip
    return session.say(f"Crosschecked {len(found)} objects\n\n")


def _mark(session: Session, key: int, status: str) -> None:
    if session.call.pretend:
        return
    with catalogue.change(session.station) as kept:
        for each in kept["sets"]:
            if each["key"] == key:
                each["status"] = status
