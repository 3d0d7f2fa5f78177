# SPDX-License-Identifier: GPL-3.0-or-later
"""The dictionary's views, made from what the engine holds at the moment that they are asked.

Oracle Database Reference 11g Release 2. Of each view the columns that people ask for; another one is ORA-00904. Sizes
follow the bytes of the rows; block numbers and paths of files are invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Constraint, Table
from impax_lab.engine.ora import dictionary_backup as backup
from impax_lab.engine.ora import dictionary_instance as instance
from impax_lab.engine.ora import dictionary_space as space
from impax_lab.engine.ora import types
from impax_lab.engine.ora.dialect import View
from impax_lab.engine.ora.dictionary_instance import Rows, segments, tables_of, tablespace

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session


@dataclass(frozen=True)
class Dictionary:
    """privileged: only for who may see the whole dictionary."""

    view: View
    rows: Rows
    privileged: bool = False


def find(name: str) -> Dictionary | None:
    return VIEWS.get(name.replace("V_$", "V$"))


def _view(name: str, columns: str, rows: Rows, privileged: bool = False) -> Dictionary:
    """columns: "NAME:30" text of that size, "NAME:N" a number, "NAME:D" a date."""
    kinds = {"N": types.NUMBER, "D": types.DATE}
    parts = [part.split(":") for part in columns.split()]
    typed = tuple((column, kinds[kind] if kind in kinds else types.text(int(kind))) for column, kind in parts)
    safe = name.lower().replace("$", "_").replace("#", "_")
    return Dictionary(View(f"v_{safe}", typed), rows, privileged)


# Segments, objects --------------------------------------------------------------------------------------------------


def _user_tables(everything: bool) -> Rows:
    def rows(session: Session) -> Iterator[tuple[Any, ...]]:
        for table in tables_of(session, everything):
            first = (table.owner,) if everything else ()
            yield (*first, table.name, tablespace(table), "VALID", None, None, None, "NO", "N")

    return rows


def _columns(everything: bool) -> Rows:
    def rows(session: Session) -> Iterator[tuple[Any, ...]]:
        for table in tables_of(session, everything):
            first = (table.owner,) if everything else ()
            for column in table.columns:
                group = types.class_of(column.type)
                length = {"number": 22, "date": 7}.get(group, column.type.size or 0)
                size = column.type.size if group == "number" else None
                yield (
                    *first, table.name, column.name, column.type.kind, length, size, column.type.scale,
                    "Y" if column.nullable else "N", column.place, column.default,
                    column.type.size if group == "text" else 0,
                )  # fmt: skip

    return rows


def _objects(everything: bool) -> Rows:
    def rows(session: Session) -> Iterator[tuple[Any, ...]]:
        for table in tables_of(session, everything):
            first = (table.owner,) if everything else ()
            number = int(table.physical.lstrip("t") or 0) + 70000
            made = table.created
            yield (*first, table.name, None, table.object_id, number, "TABLE", made, made, "VALID", "N")
            for key in table.unique_keys():
                yield (*first, key.name, None, key.object_id, number + 1, "INDEX", made, made, "VALID", "N")

    return rows


# Constraints --------------------------------------------------------------------------------------------------------


def _constraints(everything: bool) -> Rows:
    def rows(session: Session) -> Iterator[tuple[Any, ...]]:
        for table in tables_of(session, everything):
            for constraint in table.constraints:
                if constraint.kind in "PUR":
                    yield _constraint(session, table, constraint)
            yield from _not_nulls(table)

    return rows


def _constraint(session: Session, table: Table, constraint: Constraint) -> tuple[Any, ...]:
    parent = session.store.by_id(session.tx, constraint.parent) if constraint.parent else None
    key = (
        next((k for k in parent.unique_keys() if set(k.columns) == set(constraint.parent_columns)), None)
        if parent
        else None
    )
    index = constraint.name if constraint.kind in "PU" else None
    return (
        table.owner, constraint.name, constraint.kind, table.name, None, parent.owner if parent else None,
        key.name if key else None, "NO ACTION" if parent else None, "ENABLED" if constraint.enabled else "DISABLED",
        "NOT DEFERRABLE", "VALIDATED", index,
    )  # fmt: skip


def _not_nulls(table: Table) -> Iterator[tuple[Any, ...]]:
    keys = {name for constraint in table.constraints if constraint.kind == "P" for name in constraint.columns}
    for column in table.columns:
        if not column.nullable and column.name not in keys:
            text = f'"{column.name}" IS NOT NULL'
            yield (
                table.owner, _not_null_name(table, column.place), "C", table.name, text, None, None, None, "ENABLED",
                "NOT DEFERRABLE", "VALIDATED", None,
            )  # fmt: skip


def _not_null_name(table: Table, place: int) -> str:
    return f"SYS_C{table.object_id * 100 + place:07}"


def _constraint_columns(everything: bool) -> Rows:
    def rows(session: Session) -> Iterator[tuple[Any, ...]]:
        for table in tables_of(session, everything):
            for constraint in table.constraints:
                if constraint.kind in "PUR":
                    for position, name in enumerate(constraint.columns, 1):
                        yield table.owner, constraint.name, table.name, name, position
            keys = {name for each in table.constraints if each.kind == "P" for name in each.columns}
            for column in table.columns:
                if not column.nullable and column.name not in keys:
                    yield table.owner, _not_null_name(table, column.place), table.name, column.name, None

    return rows


def _indexes(everything: bool) -> Rows:
    def rows(session: Session) -> Iterator[tuple[Any, ...]]:
        for table in tables_of(session, everything):
            first = (table.owner,) if everything else ()
            for key in table.constraints:
                if key.kind in "PUI":
                    unique = "NONUNIQUE" if key.kind == "I" else "UNIQUE"
                    yield (
                        *first,
                        key.name,
                        "NORMAL",
                        table.owner,
                        table.name,
                        unique,
                        tablespace(table) + "INDX",
                        "VALID",
                    )

    return rows


def _dual(session: Session) -> Iterator[tuple[Any, ...]]:
    yield ("X",)


def _pairs(name: str, columns: str, rows: Callable[[bool], Rows], owner: bool = False) -> dict[str, Dictionary]:
    """USER_, ALL_ and DBA_ of a view. owner: whether USER_ has the owner's column too."""
    whole = columns if owner else f"OWNER:30 {columns}"
    return {
        f"USER_{name}": _view(f"USER_{name}", columns, rows(False)),
        f"ALL_{name}": _view(f"ALL_{name}", whole, rows(True)),
        f"DBA_{name}": _view(f"DBA_{name}", whole, rows(True), True),
    }


TABLE_COLUMNS = (
    "TABLE_NAME:30 TABLESPACE_NAME:30 STATUS:8 NUM_ROWS:N BLOCKS:N LAST_ANALYZED:D PARTITIONED:3 TEMPORARY:1"
)
VIEWS: dict[str, Dictionary] = {
    "DUAL": _view("DUAL", "DUMMY:1", _dual),
    **_pairs("SEGMENTS", "SEGMENT_NAME:81 PARTITION_NAME:30 SEGMENT_TYPE:18 TABLESPACE_NAME:30 BYTES:N BLOCKS:N EXTENTS:N", segments),
    **_pairs("TABLES", TABLE_COLUMNS, _user_tables),
    **_pairs("TAB_COLUMNS", "TABLE_NAME:30 COLUMN_NAME:30 DATA_TYPE:106 DATA_LENGTH:N DATA_PRECISION:N DATA_SCALE:N NULLABLE:1"
             " COLUMN_ID:N DATA_DEFAULT:4000 CHAR_LENGTH:N", _columns),
    **_pairs("OBJECTS", "OBJECT_NAME:128 SUBOBJECT_NAME:30 OBJECT_ID:N DATA_OBJECT_ID:N OBJECT_TYPE:19 CREATED:D LAST_DDL_TIME:D"
             " STATUS:7 TEMPORARY:1", _objects),
    **_pairs("CONSTRAINTS", "OWNER:30 CONSTRAINT_NAME:30 CONSTRAINT_TYPE:1 TABLE_NAME:30 SEARCH_CONDITION:4000 R_OWNER:30"
             " R_CONSTRAINT_NAME:30 DELETE_RULE:9 STATUS:8 DEFERRABLE:14 VALIDATED:13 INDEX_NAME:30", _constraints, True),
    **_pairs("CONS_COLUMNS", "OWNER:30 CONSTRAINT_NAME:30 TABLE_NAME:30 COLUMN_NAME:4000 POSITION:N", _constraint_columns, True),
    **_pairs("INDEXES", "INDEX_NAME:30 INDEX_TYPE:27 TABLE_OWNER:30 TABLE_NAME:30 UNIQUENESS:9 TABLESPACE_NAME:30 STATUS:8", _indexes),
    "V$DATABASE": _view("V$DATABASE", "DBID:N NAME:9 CREATED:D LOG_MODE:12 OPEN_MODE:20 CURRENT_SCN:N DB_UNIQUE_NAME:30"
                        " PLATFORM_NAME:101 FLASHBACK_ON:18 DATABASE_ROLE:16", instance.database, True),
    "V$INSTANCE": _view("V$INSTANCE", "INSTANCE_NUMBER:N INSTANCE_NAME:16 HOST_NAME:64 VERSION:17 STARTUP_TIME:D STATUS:12"
                        " PARALLEL:3 THREAD#:N ARCHIVER:7 LOGINS:10 SHUTDOWN_PENDING:3 DATABASE_STATUS:17 INSTANCE_ROLE:18"
                        " ACTIVE_STATE:9", instance.instance, True),
    "V$VERSION": _view("V$VERSION", "BANNER:80", instance.version),
    "PRODUCT_COMPONENT_VERSION": _view("PRODUCT_COMPONENT_VERSION", "PRODUCT:80 VERSION:80 STATUS:80", instance.products),
    "V$SESSION": _view("V$SESSION", "SID:N SERIAL#:N USER#:N USERNAME:30 STATUS:8 SERVER:9 OSUSER:30 MACHINE:64 TERMINAL:30"
                       " PROGRAM:48 TYPE:10 LOGON_TIME:D TADDR:16 SCHEMANAME:30 BLOCKING_SESSION:N", instance.sessions, True),
    "V$TRANSACTION": _view("V$TRANSACTION", "ADDR:16 XIDUSN:N XIDSLOT:N XIDSQN:N STATUS:16 START_TIME:20 START_DATE:D USED_UREC:N"
                           " SES_ADDR:16", instance.transactions, True),
    "V$LOCKED_OBJECT": _view("V$LOCKED_OBJECT", "XIDUSN:N XIDSLOT:N XIDSQN:N OBJECT_ID:N SESSION_ID:N ORACLE_USERNAME:30"
                             " OS_USER_NAME:30 PROCESS:24 LOCKED_MODE:N", instance.locked_objects, True),
    "V$LOCK": _view("V$LOCK", "SID:N TYPE:2 ID1:N ID2:N LMODE:N REQUEST:N CTIME:N BLOCK:N", instance.locks, True),
    "USER_FREE_SPACE": _view("USER_FREE_SPACE", space.FREE, space.free_space),
    "NLS_DATABASE_PARAMETERS": _view("NLS_DATABASE_PARAMETERS", "PARAMETER:30 VALUE:160", instance.nls_database),
    "NLS_SESSION_PARAMETERS": _view("NLS_SESSION_PARAMETERS", "PARAMETER:30 VALUE:40", instance.nls),
    "DBA_USERS": _view("DBA_USERS", "USERNAME:30 USER_ID:N ACCOUNT_STATUS:32 CREATED:D DEFAULT_TABLESPACE:30 TEMPORARY_TABLESPACE:30",
                       instance.users, True),
    "ALL_USERS": _view("ALL_USERS", "USERNAME:30 USER_ID:N CREATED:D", instance.all_users),
    **{name: _view(name, columns, rows, True) for name, (columns, rows) in (backup.VIEWS | space.VIEWS).items()},
}  # fmt: skip
