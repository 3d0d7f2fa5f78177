# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases and their files: made, altered, dropped; how full they are, and how far they may grow.

A database's files lie on the station's disk where the server was given one (`Disk`); they take their size there, and grow
as rows come. Without a disk nothing but MAXSIZE bounds them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from impax_lab.engine.model import Table
from impax_lab.engine.ms.defining import FileDraft
from impax_lab.engine.ms.errors import SqlError, error, not_understood
from impax_lab.engine.ms.pieces import Statement

if TYPE_CHECKING:
    from impax_lab.engine.ms.interpreter import Run
    from impax_lab.engine.ms.session import Session
    from impax_lab.engine.mssql import Server

MIB = 1 << 20
PAGE = 8192
MODEL = 3 * MIB // 2  # of the model database, which every new one is a copy of (assumed: that of SQL Server 2005)
LOG = MIB
SYSTEM = ("master", "tempdb", "model", "msdb")
NOT_FOUND, DISK_FULL = 3, 112  # Windows errors


class Disk(Protocol):
    """The station's disk, as Windows names its files. Sizes in bytes. OSError: there is no such folder. A file that is made
    again has grown."""

    def exists(self, path: str) -> bool: ...
    def free(self, path: str) -> int: ...
    def create(self, path: str, size: int) -> None: ...
    def delete(self, path: str) -> None: ...


@runtime_checkable
class Places(Protocol):
    """A disk whose files lie on the host."""

    def place(self, path: str) -> Path: ...


def load(server: Server) -> dict[str, dict[str, Any]]:
    """By their names in small letters."""
    return json.loads(server.store.note("databases") or "{}")


def save(server: Server, found: dict[str, dict[str, Any]]) -> None:
    server.store.set_note("databases", json.dumps(found))


def made(
    server: Server, name: str, number: int, collation: str, recovery: str, files: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "name": name, "id": number, "created": server.now(), "collation": collation, "recovery": recovery, "files": files,
        "options": {}, "user_access": "MULTI_USER",
    }  # fmt: skip


def file(
    name: str,
    path: str,
    size: int,
    most: int | None = None,
    growth: int = MIB,
    percent: bool = False,
    log: bool = False,
) -> dict[str, Any]:
    return {"name": name, "path": path, "size": size, "most": most, "growth": growth, "percent": percent, "log": log}


# CREATE DATABASE ----------------------------------------------------------------------------------------------------


def create(run: Run, statement: Statement) -> None:
    session, parts = run.session, statement.parts
    server, name = session.server, parts["name"]
    if session.trancount:
        raise error(226, "CREATE DATABASE")
    if server.database(name):
        raise error(1801, name, old=session.version < 9)
    files = _files(server, name, parts)
    _create_files(run, server, name, files, statement.line)
    found = load(server)
    number = max(each["id"] for each in found.values()) + 1
    found[name.lower()] = made(server, name, number, parts["collation"] or server.collation, "FULL", files)
    save(server, found)
    if server.version < 9:
        for each in files:
            run.say(
                1805,
                0,
                1,
                statement.line,
                f"The CREATE DATABASE process is allocating {each['size'] / MIB:.2f} MB on disk '{each['name']}'.",
            )


def _files(server: Server, name: str, parts: dict[str, Any]) -> list[dict[str, Any]]:
    """The files that are wanted, with what is left out. Raises SqlError 1803, 1827, 1828."""
    data = parts["data"] or [FileDraft()]
    log = parts["log"] or [FileDraft()]
    files = [_file(server, name, draft, "" if at == 0 else str(at), False) for at, draft in enumerate(data)]
    files += [_file(server, name, draft, "_log" if at == 0 else f"_log{at}", True) for at, draft in enumerate(log)]
    names = [each["name"].lower() for each in files]
    for each in names:
        if names.count(each) > 1:
            raise error(1828, each)
    if files[0]["size"] < MODEL:
        raise error(1803, 2)
    return files


def _file(server: Server, name: str, draft: FileDraft, more: str, log: bool) -> dict[str, Any]:
    size = draft.size if draft.size is not None else LOG if log else MODEL
    logical = draft.name or name + more
    path = draft.path or f"{server.data_folder}\\{name}{more}.{'ldf' if log else 'mdf'}"
    if draft.most is not None and size > draft.most:
        raise error(1827, size // MIB, logical)
    growth = draft.growth if draft.growth is not None else 10 if log else MIB
    percent = draft.percent if draft.growth is not None else log
    return file(logical, path, size, draft.most, growth, percent, log)


def _create_files(run: Run, server: Server, name: str, files: list[dict[str, Any]], line: int) -> None:
    """All of them or none. Raises SqlError 1802, behind the one that says why."""
    done: list[str] = []
    try:
        for each in files:
            _create_file(server, each)
            done.append(each["path"])
    except SqlError as failed:
        for path in done:
            if server.files:
                server.files.delete(path)
        run.say(failed.number, failed.level, failed.state, line, failed.text)
        raise error(1802) from failed


def _create_file(server: Server, wanted: dict[str, Any]) -> None:
    path, size = wanted["path"], wanted["size"]
    if not re.fullmatch(r"[A-Za-z]:\\[^<>\"|?*]+", path):
        raise error(5105, path)
    taken = next(
        (db["name"] for db in load(server).values() for each in db["files"] if each["path"].lower() == path.lower()),
        None,
    )
    if taken is not None:
        raise error(1834, path, taken)
    if server.files is None:
        return
    try:
        if server.files.exists(path):
            raise error(5170, path)
        if server.files.free(path) < size:
            raise error(5149, f"{DISK_FULL}(There is not enough space on the disk.)", path)
        server.files.create(path, size)
    except OSError:
        raise error(5123, f"{NOT_FOUND}(The system cannot find the path specified.)", path) from None


# DROP, ALTER --------------------------------------------------------------------------------------------------------


def drop(run: Run, statement: Statement) -> None:
    session = run.session
    server = session.server
    if session.trancount:
        raise error(226, "DROP DATABASE")
    for name in statement.parts["names"]:
        found = server.database(name)
        if found is None:
            raise error(3701, "database", name, old=session.version < 9)
        if name.lower() in SYSTEM:
            raise error(3708, name)
        if any(other.database.lower() == name.lower() for other in server.sessions()):
            raise error(3702, name, old=session.version < 9)
        _drop(server, found)


def _drop(server: Server, found: dict[str, Any]) -> None:
    store = server.store
    tx = store.begin()
    for table in store.tables(tx, found["name"].lower()):
        store.drop(tx, table)
    store.commit(tx)
    rest = load(server)
    del rest[found["name"].lower()]
    save(server, rest)
    for each in found["files"]:
        if server.files is not None:
            server.files.delete(each["path"])


def alter(run: Run, statement: Statement) -> None:
    """ALTER DATABASE: SET RECOVERY, SET MULTI_USER and the like, MODIFY FILE."""
    session, parts = run.session, statement.parts
    server = session.server
    if server.database(parts["name"]) is None:
        run.say(5011, 14, 5, statement.line, error(5011, parts["name"]).text)
        raise error(5069)
    everything = load(server)
    found = everything[parts["name"].lower()]
    if "modify" in parts:
        _modify(server, found, parts["modify"])
    else:
        _set(found, parts["option"], parts["value"])
    save(server, everything)


def _set(found: dict[str, Any], option: str, value: str) -> None:
    if option == "RECOVERY" and value in ("SIMPLE", "FULL", "BULK_LOGGED"):
        found["recovery"] = value
    elif option in ("MULTI_USER", "SINGLE_USER", "RESTRICTED_USER") and not value:
        found["user_access"] = option
    elif option in ("AUTO_CLOSE", "AUTO_SHRINK", "AUTO_CREATE_STATISTICS", "AUTO_UPDATE_STATISTICS") and value in (
        "ON",
        "OFF",
    ):
        found["options"][option] = value
    else:
        raise not_understood(102, f"ALTER DATABASE SET {option} {value}", option, 1)


def _modify(server: Server, found: dict[str, Any], draft: FileDraft) -> None:
    each = next((each for each in found["files"] if each["name"].lower() == draft.name.lower()), None)
    if each is None:
        raise error(5069)
    if draft.most is not None:
        each["most"] = draft.most
    if draft.growth is not None:
        each["growth"], each["percent"] = draft.growth, draft.percent
    if draft.size is not None:
        if draft.size < each["size"]:
            raise error(5069)
        _resized(server, each, draft.size)


def _resized(server: Server, each: dict[str, Any], size: int) -> None:
    if server.files is not None:
        if server.files.free(each["path"]) < size - each["size"]:
            raise error(5149, f"{DISK_FULL}(There is not enough space on the disk.)", each["path"])
        server.files.create(each["path"], size)
    each["size"] = size


# Room ---------------------------------------------------------------------------------------------------------------


def used(server: Server, scope: str) -> int:
    """Bytes that the tables of a database take, as pages; with what the site says of it (`used_mb`)."""
    tables = server.store.tables(None, scope)
    rest = (load(server).get(scope) or {}).get("rest", 0)
    return MODEL + rest + sum(reserved(server.store.counter(f"{table.physical}.bytes")) for table in tables)


def reserved(taken: int) -> int:
    """Bytes of whole extents of eight pages; a first page of its own for small tables."""
    if not taken:
        return 0
    pages = -(-taken // (PAGE - 96)) + 1
    return pages * PAGE if pages <= 8 else -(-pages // 8) * 8 * PAGE


def make_room(session: Session, table: Table, more: int) -> None:
    """Let the data files grow for `more` bytes. Raises SqlError 1105."""
    server = session.server
    everything = load(server)
    found = everything.get(table.scope)
    if found is None:
        return
    wanted = used(server, table.scope) + reserved(session.store.counter(f"{table.physical}.bytes") + more)
    wanted -= reserved(session.store.counter(f"{table.physical}.bytes"))
    data = [each for each in found["files"] if not each["log"]]
    lacking = wanted - sum(each["size"] for each in data)
    if lacking <= 0:
        return
    for each in data:
        lacking -= _grown(server, each, lacking)
    if lacking > 0:
        name = f"{table.name}" if session.version < 9 else f"{table.owner}.{table.name}"
        raise error(1105, name, found["name"])
    save(server, everything)


def _grown(server: Server, each: dict[str, Any], lacking: int) -> int:
    """Bytes by which a file could grow."""
    step = max(MIB, each["size"] * each["growth"] // 100 if each["percent"] else each["growth"])
    if not each["growth"]:
        return 0
    size = each["size"] + -(-lacking // step) * step
    if each["most"] is not None:
        size = min(size, each["most"])
    if server.files is not None:
        size = min(size, each["size"] + server.files.free(each["path"]) // MIB * MIB)
        if size > each["size"]:
            server.files.create(each["path"], size)
    gained = max(0, size - each["size"])
    each["size"] += gained
    return gained
