# SPDX-License-Identifier: GPL-3.0-or-later
"""rman, Oracle's Recovery Manager. An empty list and a missing piece are no error to it, and its columns move.

Language and form of dates are pinned on each call; still the list is read by its anchors (keys at the first column, the
elapsed time, the words in capitals), because sets of archived logs have no Type/LV, sets of several pieces have no
device, and other people's logs come in other languages. The prompt of `delete` has no newline; it is answered by
standard input. RMAN-03002 writes its time as MM/DD/YYYY whatever was pinned. From a file (cmdfile) RMAN ends at its first
error, from standard input it goes on: so one session for each set that is deleted.
Source: Oracle Database Backup and Recovery Reference, 10.2 (B14194) and 11.1 (B28273): LIST, DELETE, VALIDATE, REPORT.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..command import Command

TRANSCRIPTS = ("rman",)

ENVIRONMENT = {"NLS_LANG": "AMERICAN_AMERICA", "NLS_DATE_FORMAT": "YYYY-MM-DD HH24:MI:SS"}
DATES = "%Y-%m-%d %H:%M:%S"  # what that NLS_DATE_FORMAT prints, in Python's letters

CODE = re.compile(r"\b(?:RMAN|ORA|PLS|TNS|LRM)-\d{4,5}\b")
FRAME = ("RMAN-00571", "RMAN-00569")  # the lines around an error stack
NOTES = frozenset(  # warnings that RMAN prints with a number of their own and goes on
    "RMAN-06207 RMAN-06208 RMAN-06210 RMAN-06211 RMAN-06212 RMAN-06213 RMAN-06214 RMAN-06497 RMAN-08120 RMAN-08137"
    " RMAN-08138 RMAN-08591".split()
)
REFUSED = frozenset({"RMAN-00554", "RMAN-04005", "RMAN-06171"})
FAILED = re.compile(r"^RMAN-030(?:02|09): failure of (.+?) command\b", re.M)
OTHER_FAILED = re.compile(r"^RMAN-030(?:02|09): (.*)$", re.M)  # translated: the command's own words stay English
COMMANDS = re.compile(
    r"\b(sql statement|backup|restore|recover|list|delete|crosscheck|validate|report|allocate|release|configure|connect"
    r"|startup|shutdown|alter db|switch|duplicate|change|catalog|resync|sql)\b"
)
TARGET = re.compile(r"[:：] *([A-Z0-9_$#]{1,30}) *\(DBID=(\d+)")
IDLE = re.compile(r"^connected to target database \(not started\)", re.M)
NOTHING = re.compile(r"^(?:RMAN> *)?specification does not match any backup in the repository", re.M)
LISTED = re.compile(r"^(?:RMAN> *)?List of Backup(?: Set)?s\s*$", re.M)

RULE = re.compile(r"-{5,}(?: +-+)+ *\Z")
SIZE = r"\d[\d.,]*[BKMGTP]?"
SET = re.compile(
    rf"(\d+)\s+(?:([^\W\d]\w*)\s+(?:(\d)\s+)?)?({SIZE})(?:\s+(\S+)\s+(\d+:\d\d:\d\d)\s+(\S.*?))?\s*\Z", re.A
)
PIECE_OF_SET = re.compile(
    r"\s+[^:：]+[:：]\s*(\d+)\s+[^:：]+[:：]\s*(\S+)\s+[^:：]+[:：]\s*(\S+)\s+[^:：]+[:：][ \t]*(\S*)\s*\Z"
)
NAME_OF_PIECE = re.compile(r"\s+[^:：]+[:：]\s*(\S.*?)\s*\Z")
COPY = re.compile(r"\s+(\S+)\s+(\d+:\d\d:\d\d)\s+(\S.*?)\s+(YES|NO)(?:\s+(\S+))?\s*\Z")
PIECE_OF_COPY = re.compile(r"\s+(\d+)\s+(\d+)\s+([A-Z]+)\s+(\S.*?)\s*\Z")
DATAFILE = re.compile(r"\s+(\d+)\s+(?:(\d)\s+)?([^\W\d]\w*)\s+(\d+)\s+(\S.*?)\s*\Z")
LOG = re.compile(r"\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S.*?)\s+(\d+)\s+(\S.*?)\s*\Z")
CONTROL_FILE = re.compile(r"\s+[^:：]+[:：]\s*Ckp SCN[:：]\s*(\d+)")
SPFILE = re.compile(r"\s+SPFILE\b")
KEEP = re.compile(r"\s+Keep: ")
PIECE = re.compile(r"(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+([A-Z]+)\s+(\S+)\s+(\S.*?)\s*\Z")
SUMMARY = re.compile(
    r"(\d+)\s+([A-Z])\s+([A-Z\d])\s+([A-Z*])\s+(\S+)\s+(\S.*?)\s+(\d+)\s+(\d+)\s+(YES|NO)(?:\s+\S+)?\s*\Z"
)
PROMPT = re.compile(r"[(（][^()（）\n]*\bYES\b[^()（）\n]*\bNO\b[^()（）\n]*[)）]\s*[?？]")
DELETED = re.compile(r"^(?:Deleted|已删除)\s*(\d+)\s*(EXPIRED\b)?", re.M)
HANDLE = re.compile(r"piece handle=(.+?) tag=", re.S)
VALIDATED = re.compile(r": validation complete\b")
OBSOLETE = re.compile(r"^\s*Backup Set\s+(\d+)\s", re.M)
NO_OBSOLETE = re.compile(r"^(?:RMAN> *)?no obsolete backups found", re.M)


@dataclass(frozen=True)
class Piece:
    """One row of what would be deleted, or one piece of a set. status: as printed (AVAILABLE, EXPIRED, UNAVAILABLE)."""

    bp_key: int
    bs_key: int
    status: str
    device: str
    piece: str


@dataclass(frozen=True)
class BackupSet:
    """One set of a list, texts as printed. type: ``Full``, ``Incr`` or "" (archived logs). level None: not printed.

    piece, bp_key, status: of its first piece; all of them in `pieces`. contains: ``spfile``, ``controlfile``.
    files: numbers of the datafiles, files_full: of those the whole ones (Full, or level 0). scn: the least checkpoint of
    its datafiles and control file. logs: (thread, sequence, low SCN, next SCN) of archived logs.
    """

    bs_key: int
    type: str
    level: int | None
    size: str
    device: str
    elapsed: str
    completion: str
    bp_key: int | None = None
    status: str | None = None
    compressed: bool | None = None
    tag: str | None = None
    piece: str | None = None
    contains: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()
    files: tuple[int, ...] = ()
    files_full: tuple[int, ...] = ()
    scn: int | None = None
    logs: tuple[tuple[int, int, int, int], ...] = ()
    keep: bool = False


@dataclass(frozen=True)
class Printed:
    """error None: nothing was printed. connected None: not said. deleted, expired None: no closing line was seen.

    keys: of every set that is named, in order. listed: an English list stands there, or an English "there is none".
    handles: pieces that `validate` says it has read; validated: how many sets it says it has read to their end.
    obsolete: keys of sets that `report obsolete` names; None: it was not answered.
    """

    error: bool | None
    codes: tuple[str, ...]
    failed_command: str | None
    connected: bool | None
    database: str | None
    dbid: int | None
    backupsets: tuple[BackupSet, ...]
    bs_keys: tuple[int, ...]
    keys: tuple[int, ...]
    prompt: bool
    pieces: tuple[Piece, ...]
    deleted: int | None
    expired: bool | None
    listed: bool = False
    handles: tuple[str, ...] = ()
    validated: int = 0
    obsolete: tuple[int, ...] | None = None


# What is said to it


def list_sets(rman: str = "rman", *, timeout: float = 900) -> Command:
    """Every backup set that the control file (or the catalog that the station's own set-up names) knows."""
    return _session(rman, ("list backupset;",), timeout)


def list_and_report(rman: str = "rman", *, crosscheck: bool, timeout: float = 3600) -> Command:
    """The list, then what the site's own retention policy calls obsolete. crosscheck: look for each piece first, which
    writes the status of what is not there."""
    return _session(
        rman, (*(("crosscheck backup;",) if crosscheck else ()), "list backupset;", "report obsolete;"), timeout
    )


def validate(keys: Iterable[int], rman: str = "rman", *, timeout: float = 86400) -> Command:
    """Reads the pieces of these sets from end to end, checksums and all; restores nothing."""
    return _session(rman, tuple(f"validate backupset {int(key)};" for key in keys), timeout)


def delete(key: int, rman: str = "rman", *, timeout: float = 3600) -> Command:
    """Deletes one set, pieces and record; the prompt is answered YES. Without a prompt, YES is one more command, which RMAN
    refuses: what happened is told by the next list."""
    return _session(rman, (f"delete backupset {int(key)};", "YES"), timeout)


def _session(rman: str, lines: Iterable[str], timeout: float) -> Command:
    # exit code 1: an error stack was printed; what it means the output says
    script = "".join(f"{line}\n" for line in (*lines, "exit;"))
    return Command(
        (rman, "target", "/"), stdin=script, environment=ENVIRONMENT, expected=frozenset({0, 1}), timeout=timeout
    )


# What it says


def read(printed: str) -> Printed:
    """Any output of RMAN: a list, a summary, a deletion, a validation, an error stack, a whole log."""
    every = tuple(dict.fromkeys(CODE.findall(printed)))
    errors = tuple(code for code in every if code not in NOTES)
    sets, pieces, summary = _listed(printed.split("\n"))
    keys = tuple(dict.fromkeys([one.bs_key for one in sets] or summary or [one.bs_key for one in pieces]))
    target, deleted = TARGET.findall(printed), DELETED.findall(printed)
    return Printed(
        error=bool(errors) if printed.strip() else None,
        codes=_causes(every),
        failed_command=_failed(printed),
        connected=_connected(errors, bool(target) or bool(IDLE.search(printed))),
        database=target[-1][0] if target else None,
        dbid=int(target[-1][1]) if target else None,
        backupsets=tuple(sets),
        bs_keys=keys,
        keys=keys,
        prompt=bool(PROMPT.search(printed)),
        pieces=tuple(pieces),
        deleted=sum(int(number) for number, _ in deleted) if deleted else None,
        expired=any(word for _, word in deleted) if deleted else None,
        listed=bool(LISTED.search(printed) or NOTHING.search(printed)),
        handles=tuple(dict.fromkeys("".join(name.split("\n")) for name in HANDLE.findall(printed))),
        validated=len(VALIDATED.findall(printed)),
        obsolete=_obsolete(printed),
    )


def _causes(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The frame of a stack is no cause, where RMAN itself names one; where all causes are the database's, it is RMAN's part."""
    own = [code for code in codes if code.startswith("RMAN-") and code not in (*FRAME, "RMAN-03002", "RMAN-03009")]
    passed_on = [code for code in codes if not code.startswith("RMAN-")]
    if passed_on and not own:
        return codes
    return tuple(code for code in codes if code not in FRAME) or codes


def _failed(printed: str) -> str | None:
    if found := FAILED.search(printed):
        return found[1]
    other = OTHER_FAILED.search(printed)
    word = COMMANDS.search(other[1]) if other else None
    return word[1] if word else None


def _connected(errors: tuple[str, ...], said: bool) -> bool | None:
    if REFUSED & set(errors):
        return False
    return True if said else None


def _obsolete(printed: str) -> tuple[int, ...] | None:
    found = tuple(dict.fromkeys(int(key) for key in OBSOLETE.findall(printed)))
    return found if found or NO_OBSOLETE.search(printed) else None


@dataclass
class _Reading:
    """A set while its lines are read."""

    key: int
    facts: dict[str, object]
    pieces: list[Piece] = field(default_factory=list)
    contains: list[str] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    full: list[int] = field(default_factory=list)
    scns: list[int] = field(default_factory=list)
    logs: list[tuple[int, int, int, int]] = field(default_factory=list)
    awaits_name: tuple[int, str] | None = None
    keep: bool = False


def _listed(lines: list[str]) -> tuple[list[BackupSet], list[Piece], list[int]]:
    sets: list[_Reading] = []
    pieces: list[Piece] = []
    summary: list[int] = []
    for number, line in enumerate(lines):
        if match := PIECE.match(line):
            key, of, _, _, status, device, name = match.groups()
            pieces.append(Piece(int(key), int(of), status, device, name))
        elif match := SUMMARY.match(line):
            summary.append(int(match[1]))
        elif match := SET.match(line):
            if match[5] or (number and RULE.match(lines[number - 1])):
                sets.append(_begun(match))
        elif sets and line[:1].isspace() and line.strip():
            _within(sets[-1], line)
    return [_whole(one) for one in sets], pieces, summary


def _begun(match: re.Match[str]) -> _Reading:
    key, kind, level, size, device, elapsed, completion = match.groups()
    return _Reading(
        int(key),
        {
            "type": kind or "",
            "level": int(level) if level else None,
            "size": size,
            "device": device or "",
            "elapsed": elapsed or "",
            "completion": completion or "",
        },
    )


def _within(one: _Reading, line: str) -> None:
    """One indented line of a set. The order counts: a row of a table is no label."""
    if one.awaits_name and (match := NAME_OF_PIECE.match(line)):
        key, status = one.awaits_name
        one.pieces.append(Piece(key, one.key, status, str(one.facts["device"]), match[1]))
        one.awaits_name = None
    elif match := CONTROL_FILE.match(line):
        one.contains.append("controlfile")
        one.scns.append(int(match[1]))
    elif SPFILE.match(line):
        one.contains += [] if "spfile" in one.contains else ["spfile"]
    elif KEEP.match(line):
        one.keep = True
    elif match := PIECE_OF_SET.match(line):
        one.facts |= {"compressed": match[3] == "YES", "tag": match[4] or None}
        one.awaits_name = (int(match[1]), match[2])
    elif match := COPY.match(line):
        device, elapsed, completion, compressed, tag = match.groups()
        one.facts |= {"device": device, "elapsed": elapsed, "completion": completion, "tag": tag}
        one.facts["compressed"] = compressed == "YES"
    elif match := PIECE_OF_COPY.match(line):
        one.pieces.append(Piece(int(match[1]), one.key, match[3], str(one.facts["device"]), match[4]))
    elif match := DATAFILE.match(line):
        _datafile(one, match)
    elif match := LOG.match(line):
        one.logs.append((int(match[1]), int(match[2]), int(match[3]), int(match[5])))


def _datafile(one: _Reading, match: re.Match[str]) -> None:
    number, level = int(match[1]), match[2]
    one.files.append(number)
    one.scns.append(int(match[4]))
    if level == "0" or (level is None and match[3] == one.facts["type"] and match[3] not in ("Incr", "")):
        one.full.append(number)


def _whole(one: _Reading) -> BackupSet:
    first = one.pieces[0] if one.pieces else None
    return BackupSet(
        bs_key=one.key,
        bp_key=first.bp_key if first else None,
        status=first.status if first else None,
        piece=first.piece if first else None,
        contains=tuple(one.contains),
        pieces=tuple(one.pieces),
        files=tuple(one.files),
        files_full=tuple(one.full),
        scn=min(one.scns) if one.scns else None,
        logs=tuple(one.logs),
        keep=one.keep,
        **one.facts,  # type: ignore[arg-type]
    )


def size_bytes(size: str) -> int | None:
    """``48.14M`` in bytes, as exact as two decimals are; ``512`` and ``512B`` are bytes. None: no size."""
    match = re.fullmatch(r"(\d+)(?:[.,](\d{1,2}))?([BKMGTP]?)", size)
    if not match:
        return None
    unit = 1 << 10 * "BKMGTP".index(match[3] or "B")
    return round(float(f"{match[1]}.{match[2] or 0}") * unit)
