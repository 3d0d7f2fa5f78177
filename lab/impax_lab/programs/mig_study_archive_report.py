# SPDX-License-Identifier: GPL-3.0-or-later
"""mig-study-archive-report of the Migration Toolbox: counts studies by how far they are archived, keeps and prints the counts.

Only the words stand in the vendor's text. `assumed`: lines of a text and a number, the table that it keeps them in, exit code
0 also after an error, and that -o means the operating system's log-on. What it counts is ``dosr_study.archive_status``
(ARCHIVED, PARTIAL, anything else), or what the station's ``options: {studies: {total: n, archived: n, partial: n}}`` says.
"""

from __future__ import annotations

from impax_lab.program import Call
from impax_lab.programs import _mig

NAMES = ("mig-study-archive-report",)
SYSTEMS = ("unix", "windows")
SOURCES = "the vendor's upgrade guide for the words; everything else assumed"
SPECIAL = {
    "wrong_password": "the database user's password was changed: no counts, and it ends with 0",
    "account_locked": "the database user is locked (Oracle): no counts, and it ends with 0",
    "locked_account": "the database user is locked (SQL Server): no counts, and it ends with 0",
    "not_available": "the database is down (Oracle): no counts, and it ends with 0",
    "no_server": "the database is down (SQL Server): no counts, and it ends with 0",
    "other_words": "another release of the toolbox with other texts",
    "no_counts": "it keeps the counts and prints only that it is done",
}
PLACES = _mig.PLACES
FAILURE = "Cannot connect to the database.\n"
TRANSLATED = {
    "Total studies": "Studien insgesamt",
    "Not archived": "Nicht gesichert",
    "Partially archived": "Teilweise gesichert",
    "Archived": "Gesichert",
}
USAGE = "usage: mig-study-archive-report -d database -U user -P password | -o\n"
LABELS = {"total": "Total studies", "archived": "Archived", "partial": "Partially archived", "none": "Not archived"}
OTHERS = {"total": "Cases", "archived": "Stored", "partial": "Stored in part", "none": "Open"}
TABLE = "STUDY_ARCHIVE_RESULT"


def main(call: Call) -> int:
    given = _mig.switches(call.words[1:], "dUP", "o")
    if given is None or set(given) != (set("dUP") if call.windows else {"o"}):
        call.err(USAGE)
        return 2
    try:
        source = _mig.connect(call, given.get("U"), given.get("P", ""), given.get("d", "mvf"))
    except _mig.Refused as refused:
        call.out(str(refused))
        return 0
    try:
        counts = _counts(call, source)
        _keep(call, source, counts)
    except _mig.Refused as refused:
        call.out(str(refused))
        return 0
    finally:
        source.close()
    call.out("Study archiving report\n\n")
    if call.behaviour != "no_counts":
        labels = OTHERS if call.behaviour == "other_words" else LABELS
        call.out("".join(f"{labels[name] + ':':<24}{count:>10}\n" for name, count in counts.items()))
    call.out("\ndone\n")
    return 0


def _counts(call: Call, source: _mig.Database) -> dict[str, int]:
    told = call.station.spec.options.get("studies")
    if told:
        total, archived, partial = (int(told.get(name, 0)) for name in ("total", "archived", "partial"))
    else:
        studies = f"select count(*) from {_studies(call)}"
        total = source.number(studies)
        archived = source.number(f"{studies} where archive_status = 'ARCHIVED'")
        partial = source.number(f"{studies} where archive_status = 'PARTIAL'")
    return {"total": total, "archived": archived, "partial": partial, "none": total - archived - partial}


def _studies(call: Call) -> str:
    """The table with the owner that the site gives it."""
    tables = {str(name).lower(): made or {} for name, made in call.station.spec.tables.items()}
    owner = tables.get("dosr_study", {}).get("owner")
    return f"{owner}.dosr_study" if owner else "dosr_study"


def _keep(call: Call, source: _mig.Database, counts: dict[str, int]) -> None:
    if call.pretend:
        return
    name = f"{_mig.OWNER}.{TABLE}" if source.oracle else TABLE
    try:
        source.run(f"delete from {name}")
    except _mig.Refused:
        kinds = "label varchar2(40), studies number(12)" if source.oracle else "label varchar(40), studies int"
        source.run(f"create table {name} ({kinds})")
    for label, count in counts.items():
        source.run(f"insert into {name} (label, studies) values ('{LABELS[label]}', {count})")
    if source.oracle:
        source.run("commit")
