# SPDX-License-Identifier: GPL-3.0-or-later
"""What functions ask of the session and its catalogue: ids, names, properties, global variables."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Column, Table, Type
from impax_lab.engine.ms import types
from impax_lab.engine.ms.errors import not_understood

if TYPE_CHECKING:
    from impax_lab.engine.ms.session import Session

Answer = Callable[..., Any]


def ask(session: Session, name: str, *arguments: Any) -> Any:
    return ANSWERS[name](session, *arguments)


def global_value(session: Session, name: str) -> tuple[Type, Any] | None:
    values: dict[str, tuple[Type, Any]] = {
        "rowcount": (types.INT, session.rowcount), "error": (types.INT, session.error), "trancount": (types.INT, session.trancount),
        "version": (types.nvarchar(300), session.server.banner), "servername": (types.nvarchar(128), session.server.name),
        "spid": (Type("smallint"), session.spid), "identity": (Type("numeric", 18, 0), session.last_identity),
        "lock_timeout": (types.INT, session.lock_timeout), "servicename": (types.nvarchar(128), session.server.service),
        "nestlevel": (types.INT, 0), "fetch_status": (types.INT, 0), "options": (types.INT, 5496 + 512 * session.nocount),
        "language": (types.nvarchar(128), "us_english"), "datefirst": (Type("tinyint"), 7), "max_precision": (Type("tinyint"), 38),
        "dbts": (types.varbinary(8), session.store.counter(f"dbts.{session.database.lower()}").to_bytes(8, "big")),
        "microsoftversion": (types.INT, session.version << 24), "procid": (types.INT, 0),
    }  # fmt: skip
    return values.get(name)


# Databases, server, people ------------------------------------------------------------------------------------------


def _db_id(session: Session, name: Any) -> Any:
    found = session.server.database(session.database if name is None else str(name))
    return found["id"] if found else None


def _db_name(session: Session, number: Any) -> Any:
    if number is None:
        return session.server.shown_name(session.database)
    return next((each["name"] for each in session.server.databases().values() if each["id"] == number), None)


def _database_property(session: Session, name: Any, what: Any) -> Any:
    found = session.server.database(str(name))
    if found is None or what is None:
        return None
    options = found["options"]
    values = {
        "collation": found["collation"], "recovery": found["recovery"], "status": "ONLINE", "updateability": "READ_WRITE",
        "useraccess": found["user_access"], "isautoclose": int(options.get("AUTO_CLOSE") == "ON"),
        "isautoshrink": int(options.get("AUTO_SHRINK") == "ON"), "isinstandby": 0, "version": session.server.file_version,
        "isfulltextenabled": 0, "isnullconcat": 0, "sqlsortorder": 52, "isansinullsenabled": 0, "isansiwarningsenabled": 0,
        "isautocreatestatistics": 1, "isautoupdatestatistics": 1, "istornpagedetectionenabled": 1, "ismergepublished": 0,
        "ispublished": 0, "issubscribed": 0,
    }  # fmt: skip
    found_value = values.get(str(what).lower())
    return None if found_value is None else str(found_value)


def _server_property(session: Session, what: Any) -> Any:
    server = session.server
    values = {
        "productversion": server.full_version, "productlevel": server.level, "edition": server.edition, "servername": server.name,
        "machinename": server.host, "instancename": None if server.is_default else server.service, "collation": server.collation,
        "isclustered": "0", "isfulltextinstalled": "0", "isintegratedsecurityonly": "0", "issingleuser": "0",
        "engineedition": "2" if "standard" in server.edition.lower() else "3", "processid": str(server.process_id),
        "licensetype": "DISABLED", "buildclrversion": None, "computernamephysicalnetbios": server.host,
    }  # fmt: skip
    return values.get(str(what or "").lower())


def _login_name(session: Session, sid: Any) -> Any:
    if sid is None:
        return session.login
    return "sa" if sid == b"\x01" else None


def _user_name(session: Session, number: Any) -> Any:
    return "dbo" if number in (None, 1) else {0: "public", 2: "guest"}.get(number)


def _schema_name(session: Session, number: Any) -> Any:
    return "dbo" if number in (None, 1) else {3: "INFORMATION_SCHEMA", 4: "sys"}.get(number)


def _schema_id(session: Session, name: Any) -> Any:
    return {"dbo": 1, "information_schema": 3, "sys": 4}.get("dbo" if name is None else str(name).lower())


def _server_role(session: Session, role: Any, login: Any) -> Any:
    """assumed: everybody who may log on is an administrator of this server, unless the site says otherwise."""
    roles = {
        "sysadmin",
        "serveradmin",
        "setupadmin",
        "securityadmin",
        "processadmin",
        "dbcreator",
        "diskadmin",
        "bulkadmin",
    }
    if str(role).lower() not in roles:
        return None
    return int(session.server.logins.is_administrator(session.login if login is None else str(login)))


def _member(session: Session, role: Any) -> Any:
    return 1 if str(role).lower() in ("db_owner", "public") else 0 if str(role).lower().startswith("db_") else None


def _has_access(session: Session, name: Any) -> Any:
    return 1 if session.server.database(str(name)) else None


# Objects ------------------------------------------------------------------------------------------------------------


def named(session: Session, name: Any) -> Table | None:
    """ "t", "dbo.t", "db..t", with or without brackets."""
    if name is None:
        return None
    parts = [part.strip().strip('[]"') for part in str(name).split(".")]
    if not 1 <= len(parts) <= 3:
        return None
    database, owner, bare = ["", "", *parts][-3:]
    if database.lower() == "tempdb" and bare.startswith("#"):
        database = ""
    return session.find(database, owner, bare)


def numbered(session: Session, number: Any) -> Table | None:
    return None if number is None else session.store.by_id(session.tx, int(number))


def _object_id(session: Session, name: Any, kind: Any) -> Any:
    found = named(session, name)
    if found is not None and (kind is None or str(kind).strip().upper() == "U"):
        return found.object_id
    return _constraint_id(session, name)


def _constraint_id(session: Session, name: Any) -> Any:
    bare = str(name or "").rpartition(".")[2].strip('[]"').lower()
    for table in session.store.tables(session.tx, session.database.lower()):
        for constraint in table.constraints:
            if constraint.name.lower() == bare and constraint.kind != "I":
                return constraint.object_id
    return None


def _object_name(session: Session, number: Any, database: Any) -> Any:
    found = numbered(session, number)
    if found is not None:
        return (
            found.name
            if found.scope in (session.database.lower(), f"#{session.spid}") or database is not None
            else None
        )
    for table in session.store.tables(session.tx, session.database.lower()):
        for constraint in table.constraints:
            if constraint.object_id == number:
                return constraint.name
    return None


def _column(table: Table | None, name: Any) -> Column | None:
    if table is None or name is None:
        return None
    return next((column for column in table.columns if column.name.lower() == str(name).lower()), None)


def _col_name(session: Session, number: Any, place: Any) -> Any:
    table = numbered(session, number)
    return next((column.name for column in table.columns if column.place == place), None) if table else None


def _col_length(session: Session, table: Any, name: Any) -> Any:
    column = _column(named(session, table), name)
    return None if column is None else stored_length(column.type)


def stored_length(kind: Type) -> int:
    """Bytes, as syscolumns.length has them."""
    if kind.kind in types.LONG:
        return 16
    if kind.kind in ("decimal", "numeric"):
        return 5 if (kind.size or 18) <= 9 else 9
    if kind.kind in types.SIZES:
        return types.SIZES[kind.kind]
    if kind.size == -1:
        return -1
    return (kind.size or 1) * (2 if kind.kind in types.WIDE else 1)


def _column_property(session: Session, number: Any, name: Any, what: Any) -> Any:
    column = _column(numbered(session, number), name)
    if column is None or what is None:
        return None
    values = {
        "isidentity": int(column.identity is not None), "allowsnull": int(column.nullable), "columnid": column.place,
        "iscomputed": 0, "isrowguidcol": 0, "isidnotforrepl": 0, "isfulltextindexed": 0, "usesansitrim": 1,
        "precision": column.type.size if column.type.size and column.type.kind not in types.SIZES else
        types.DIGITS.get(column.type.kind, types.precision(column.type)[0]), "scale": column.type.scale,
    }  # fmt: skip
    return values.get(str(what).lower())


def _object_property(session: Session, number: Any, what: Any) -> Any:
    table, name = numbered(session, number), str(what or "").lower()
    if table is None:
        return None
    kinds = {constraint.kind for constraint in table.constraints}
    children = [
        each for other in session.store.tables(session.tx, table.scope) for each in other.constraints
        if each.kind == "R" and each.parent == table.object_id
    ]  # fmt: skip
    values = {
        "istable": 1, "isusertable": 1, "isview": 0, "isprocedure": 0, "ismsshipped": 0, "issystemtable": 0, "ownerid": 1,
        "tablehasidentity": int(table.identity is not None), "tablehasprimarykey": int("P" in kinds),
        "tablehasforeignkey": int("R" in kinds), "tablehasforeignref": int(bool(children)), "tablehasuniquecnst": int("U" in kinds),
        "tablehastextimage": int(any(column.type.kind in types.LONG for column in table.columns)),
        "tablehastimestamp": int(any(column.type.kind == "timestamp" for column in table.columns)),
        "tablehasclustindex": int("P" in kinds), "tablehasindex": int(bool(kinds & set("PUI"))), "tablehasdeletetrigger": 0,
        "tablehasinserttrigger": 0, "tablehasupdatetrigger": 0,
    }  # fmt: skip
    return values.get(name)


def _identity_current(session: Session, name: Any) -> Any:
    table = named(session, name)
    if table is None or table.identity is None or table.identity.identity is None:
        return None
    return session.store.counter(f"{table.physical}.identity", table.identity.identity[0])


def _identity_part(at: int) -> Answer:
    def answer(session: Session, name: Any) -> Any:
        table = named(session, name)
        return table.identity.identity[at] if table and table.identity and table.identity.identity else None

    return answer


def _collation_property(session: Session, name: Any, what: Any) -> Any:
    text = str(name or "").lower()
    values = {"codepage": 1252, "lcid": 1033, "comparisonstyle": 0 if "_bin" in text else 196609 - ("_cs" in text)}
    if str(what or "").lower() not in values:
        return None
    if not text.startswith(("latin1_general", "sql_latin1_general")):
        raise not_understood(448, f"collationproperty of {name}", name)
    return values[str(what).lower()]


ANSWERS: dict[str, Answer] = {
    "newid": lambda session: str(uuid.uuid4()).upper(), "db_id": _db_id, "db_name": _db_name,
    "object_id": _object_id, "object_name": _object_name, "col_name": _col_name, "col_length": _col_length,
    "objectproperty": _object_property, "columnproperty": _column_property, "databasepropertyex": _database_property,
    "serverproperty": _server_property, "collationproperty": _collation_property, "suser_sname": _login_name,
    "user_name": _user_name, "schema_name": _schema_name, "schema_id": _schema_id, "is_srvrolemember": _server_role,
    "is_member": _member, "has_dbaccess": _has_access, "host_name": lambda session: session.server.host,
    "app_name": lambda session: "impax-lab", "ident_current": _identity_current, "ident_seed": _identity_part(0),
    "ident_incr": _identity_part(1), "scope_identity": lambda session: session.last_identity,
    "xact_state": lambda session: -1 if session.doomed else 1 if session.trancount else 0,
}  # fmt: skip


def _noted(session: Session, value: Any) -> Any:
    """A value on its way into an aggregate: the server warns when a NULL was passed over."""
    if value is None:
        session.null_seen = True
    return value


CONTEXTUAL: dict[str, tuple[int, Answer]] = {
    "ms_seen": (1, _noted), **{f"ms_ask_{count}": (count + 1, ask) for count in range(4)},
}  # fmt: skip
