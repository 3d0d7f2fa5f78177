# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of the dictionary that tell of the instance: database, sessions, locks, space, settings, people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ora import dates
from impax_lab.engine.ora.definitions import BLOCK, segment_bytes

if TYPE_CHECKING:
    from impax_lab.engine.model import Table
    from impax_lab.engine.ora.session import Session

Rows = Callable[["Session"], Iterator[tuple[Any, ...]]]
OPEN_MODES = {"open": "READ WRITE", "mounted": "MOUNTED"}


def tables_of(session: Session, everything: bool) -> Iterator[Table]:
    for table in session.store.tables(session.tx):
        if everything or table.owner == session.user:
            yield table


# Segments ------------------------------------------------------------------------------------------------------------


def segments(everything: bool) -> Rows:
    def rows(session: Session) -> Iterator[tuple[Any, ...]]:
        for table in tables_of(session, everything):
            used = session.store.counter(f"{table.physical}.bytes")
            first = (table.owner,) if everything else ()
            for name, kind, size, space in [
                (table.name, "TABLE", segment_bytes(used), tablespace(table)),
                *(
                    (key.name, "INDEX", segment_bytes(used // 8), tablespace(table) + "INDX")
                    for key in table.unique_keys()
                ),
            ]:
                yield (*first, name, None, kind, space, size, size // BLOCK, max(1, size // 65536))

    return rows


def tablespace(table: Table) -> str:
    return "SYSTEM" if table.owner in ("SYS", "SYSTEM") else "MVF"


# The instance -------------------------------------------------------------------------------------------------------


def database(session: Session) -> Iterator[tuple[Any, ...]]:
    instance = session.instance
    yield (
        instance.dbid, instance.name, instance.created, "ARCHIVELOG", OPEN_MODES.get(instance.mode), session.store.scn, instance.name,
        str(instance.spec.get("platform", "Solaris[tm] OE (64-bit)")), "NO", "PRIMARY",
    )  # fmt: skip


def instance(session: Session) -> Iterator[tuple[Any, ...]]:
    instance = session.instance
    host = str(instance.spec.get("host", "lab"))
    started = datetime.fromtimestamp(instance.started).strftime(dates.STORED)
    yield (
        1, instance.name, host, instance.version, started, instance.mode.upper(), "NO", 1, "STARTED", "ALLOWED", "NO", "ACTIVE",
        "PRIMARY_INSTANCE", "NORMAL",
    )  # fmt: skip


def _system(session: Session) -> str:
    return "64-bit Windows" if "windows" in str(session.instance.spec.get("platform", "")).lower() else "Solaris"


def version(session: Session) -> Iterator[tuple[Any, ...]]:
    version = session.instance.version
    yield (f"{session.instance.product} Release {version} - 64bit Production",)
    yield (f"PL/SQL Release {version} - Production",)
    yield (f"CORE\t{version}\tProduction",)
    yield (f"TNS for {_system(session)}: Version {version} - Production",)
    yield (f"NLSRTL Version {version} - Production",)


def products(session: Session) -> Iterator[tuple[Any, ...]]:
    for product in ("NLSRTL", session.instance.product, "PL/SQL", f"TNS for {_system(session)}:"):
        yield product, session.instance.version, "Production"


def sessions(session: Session) -> Iterator[tuple[Any, ...]]:
    for other in session.instance.sessions():
        status = "ACTIVE" if other is session or (other.tx and session.locks.waits(other.tx)) else "INACTIVE"
        started = datetime.fromtimestamp(other.logged_on).strftime(dates.STORED)
        address = f"{other.tx.xid:016X}" if other.tx else None
        yield (
            other.sid, other.sid * 7 % 65000 + 1, other.uid, other.user, status, "DEDICATED", "oracle", "lab", "pts/1",
            "sqlplus", "USER", started, address, other.schema, None,
        )  # fmt: skip


def transactions(session: Session) -> Iterator[tuple[Any, ...]]:
    for other in session.instance.sessions():
        if other.tx is not None and other.tx.touched:
            started = datetime.fromtimestamp(other.tx.started)
            yield (
                f"{other.tx.xid:016X}", 9, other.tx.xid % 48, other.tx.xid, "ACTIVE", started.strftime("%m/%d/%y %H:%M:%S"),
                started.strftime(dates.STORED), len(other.tx.undo), f"{other.sid:016X}",
            )  # fmt: skip


def locked_objects(session: Session) -> Iterator[tuple[Any, ...]]:
    for other in session.instance.sessions():
        for object_id, mode in other.lock_modes:
            xid = other.tx.xid if other.tx else 0
            yield 9, xid % 48, xid, object_id, other.sid, other.user, "oracle", str(20000 + other.sid), mode


def locks(session: Session) -> Iterator[tuple[Any, ...]]:
    for other in session.instance.sessions():
        for object_id, mode in other.lock_modes:
            yield other.sid, "TM", object_id, 0, mode, 0, 0, 0
        if other.tx is not None and other.tx.touched:
            yield other.sid, "TX", other.tx.xid, other.tx.xid, 6, 0, 0, 0


# Settings and people ------------------------------------------------------------------------------------------------


def nls(session: Session) -> Iterator[tuple[Any, ...]]:
    yield from {
        "NLS_LANGUAGE": "AMERICAN", "NLS_TERRITORY": "AMERICA", "NLS_CURRENCY": "$", "NLS_ISO_CURRENCY": "AMERICA",
        "NLS_NUMERIC_CHARACTERS": ".,", "NLS_CALENDAR": "GREGORIAN", "NLS_DATE_FORMAT": session.model,
        "NLS_DATE_LANGUAGE": "AMERICAN", "NLS_SORT": "BINARY", "NLS_COMP": "BINARY", "NLS_LENGTH_SEMANTICS": "BYTE",
        "NLS_NCHAR_CONV_EXCP": "FALSE",
    }.items()  # fmt: skip


def nls_database(session: Session) -> Iterator[tuple[Any, ...]]:
    own = {"NLS_CHARACTERSET": str(session.instance.spec.get("charset", "AL32UTF8")), "NLS_NCHAR_CHARACTERSET": "AL16UTF16",
           "NLS_RDBMS_VERSION": session.instance.version}  # fmt: skip
    yield from own.items()
    for name, value in nls(session):
        yield name, "DD-MON-RR" if name == "NLS_DATE_FORMAT" else value


def users(session: Session) -> Iterator[tuple[Any, ...]]:
    for number, (name, state) in enumerate(session.instance.accounts(), 1):
        locked = "LOCKED" if state == "locked" else "OPEN"
        yield name, number, locked, session.instance.created, "MVF", "TEMP"


def all_users(session: Session) -> Iterator[tuple[Any, ...]]:
    for name, number, _, made, *_ in users(session):
        yield name, number, made
