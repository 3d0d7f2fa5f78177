# SPDX-License-Identifier: GPL-3.0-or-later
"""System procedures, as far as they are known here; another one is Msg 2812, and noted. Books Online, "System Stored
Procedures"."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Table, Type
from impax_lab.engine.ms import asking, convert, databases, types
from impax_lab.engine.ms.errors import error, not_understood
from impax_lab.engine.ms.pieces import Statement
from impax_lab.engine.ms.session import Column, Rows, Session
from impax_lab.engine.sql.tokens import TRANSACT, Words, tokens

if TYPE_CHECKING:
    from impax_lab.engine.ms.interpreter import Run

Given = dict[str, tuple[Type, Any]]
DEEPEST = 32


def execute(run: Run, statement: Statement) -> None:
    """EXEC [@rc =] procedure arguments"""
    parts = statement.parts
    name = parts["name"][2].lower()
    procedure = PROCEDURES.get(name)
    if procedure is None:
        shown = ".".join(part for part in parts["name"] if part)
        raise not_understood(2812, f"procedure {shown}", shown)
    parameters, work = procedure
    given = _given(run, parts["arguments"], parameters, parts["name"][2])
    work(run, given, statement)
    if parts["result"]:
        run.assign(parts["result"], types.INT, 0)


def _given(run: Run, arguments: list[tuple[str, str, bool]], parameters: str, procedure: str) -> Given:
    """Arguments by their parameters' names, in the order of `parameters`; "..." stands for any number more."""
    names = parameters.split()
    found: Given = {}
    for at, (name, text, _) in enumerate(arguments):
        known = name or (names[at] if at < len(names) and names[at] != "..." else f"#{at}")
        if known not in names and "..." not in names:
            raise error(8145, name, procedure) if name else error(8144, procedure)
        if text.upper() != "DEFAULT":
            found[known] = run.value(text)
    return found


def _text(given: Given, name: str, default: str | None = None) -> str | None:
    value = given.get(name, (types.INT, None))[1]
    return default if value is None else str(value)


# sp_spaceused, sp_helpdb, sp_who ------------------------------------------------------------------------------------


def _column(name: str, kind: Type) -> Column:
    return Column(name, kind.kind, kind.size or 0, kind.scale or 0, True, types.display(kind), False, kind.collation)


def _kb(size: int) -> str:
    return f"{size // 1024} KB"


def _space_used(run: Run, given: Given, statement: Statement) -> None:
    name = _text(given, "@objname")
    if name is None:
        return _database_space(run, statement)
    table = _named(run.session, name)
    store = run.session.store
    (count,) = run.session.connection.run(
        f"SELECT COUNT(*) FROM {table.physical} WHERE {store.visible(run.session.tx)}"
    )[0]
    taken = store.counter(f"{table.physical}.bytes")
    data = databases.reserved(taken)
    index = databases.PAGE * (2 if table.unique_keys() else 1) if data else 0
    whole = data + index
    unused = (-whole) % (8 * databases.PAGE) if data > 8 * databases.PAGE else 0
    texts = (_kb(whole + unused), _kb(data), _kb(index), _kb(unused))
    columns = [
        _column("name", types.nvarchar(128 if run.session.version >= 9 else 20)),
        _column("rows", types.varchar(11)),
    ]
    columns += [_column(each, types.varchar(18)) for each in ("reserved", "data", "index_size", "unused")]
    rows = Rows(tuple(columns), [(table.name, f"{count:<11}", *texts)])
    run.out.append(rows)
    return None


def _named(session: Session, name: str) -> Table:
    if name.count(".") == 2 and name.split(".")[0].strip('[]"').lower() != session.database.lower():
        raise error(15250)
    found = asking.named(session, name)
    if found is None:
        raise error(15009, name, session.server.shown_name(session.database), old=session.version < 9)
    return found


def _database_space(run: Run, statement: Statement) -> None:
    session = run.session
    found = session.server.database(session.database) or {}
    size = sum(each["size"] for each in found["files"])
    data = sum(each["size"] for each in found["files"] if not each["log"])
    taken = databases.used(session.server, session.database.lower())
    first = ("database_name", "database_size", "unallocated space")
    run.out.append(Rows(
        tuple(_column(each, types.varchar(18) if at else types.nvarchar(128)) for at, each in enumerate(first)),
        [(found["name"], f"{size / databases.MIB:.2f} MB", f"{max(0, data - taken) / databases.MIB:.2f} MB")],
    ))  # fmt: skip
    names = ("reserved", "data", "index_size", "unused")
    values = (_kb(taken), _kb(taken * 3 // 4), _kb(taken // 5), _kb(taken // 20))
    run.out.append(Rows(tuple(_column(each, types.varchar(18)) for each in names), [values]))


def _help_db(run: Run, given: Given, statement: Statement) -> None:
    session, name = run.session, _text(given, "@dbname")
    found = list(session.server.databases().values())
    if name is not None:
        found = [each for each in found if each["name"].lower() == name.lower()]
        if not found:
            raise error(15010, name)
    rows = []
    for each in found:
        size = sum(part["size"] for part in each["files"]) / databases.MIB
        level = {8: 80, 9: 90, 10: 100}.get(session.version, 90)
        status = (
            f"Status=ONLINE, Updateability=READ_WRITE, UserAccess={each['user_access']}, Recovery={each['recovery']}"
        )
        rows.append((each["name"], f"{size:10.2f} MB", "sa", each["id"], _day(each["created"]), status, level))
    kinds = [
        types.nvarchar(128),
        types.nvarchar(13),
        types.nvarchar(128),
        Type("smallint"),
        types.nvarchar(11),
        types.nvarchar(600),
        Type("tinyint"),
    ]
    names = ("name", "db_size", "owner", "dbid", "created", "status", "compatibility_level")
    run.out.append(Rows(tuple(_column(*pair) for pair in zip(names, kinds, strict=True)), rows))
    if name is not None:
        _help_files(run, found[0])


def _day(stored: str) -> str:
    return types.moment(stored).strftime("%b %d %Y")


def _help_files(run: Run, found: dict[str, Any]) -> None:
    rows = []
    for number, each in enumerate(found["files"], 1):
        most = "Unlimited" if each["most"] is None else _kb(each["most"])
        growth = f"{each['growth']}%" if each["percent"] else _kb(each["growth"])
        rows.append((each["name"], number, each["path"], None if each["log"] else "PRIMARY", _kb(each["size"]), most, growth,
                     "log only" if each["log"] else "data only"))  # fmt: skip
    kinds = [
        types.nvarchar(128),
        Type("smallint"),
        types.nvarchar(260),
        types.nvarchar(128),
        *[types.nvarchar(18)] * 3,
        types.varchar(9),
    ]
    names = ("name", "fileid", "filename", "filegroup", "size", "maxsize", "growth", "usage")
    run.out.append(Rows(tuple(_column(*pair) for pair in zip(names, kinds, strict=True)), rows))


# sp_executesql ------------------------------------------------------------------------------------------------------


def run_text(run: Run, text: str, variables: Given) -> dict[str, tuple[Type, Any]]:
    """A text as a batch of its own, within the one around it. Its errors end what they end there too."""
    from impax_lab.engine.ms import syntax
    from impax_lab.engine.ms.interpreter import EndOfBatch, Return, Run

    database, inner = run.session.database, Run(run.session, text, run.out, variables)
    inner.trying, inner.depth = run.trying, run.depth + 1
    if inner.depth > DEEPEST:
        raise error(217)
    statements = syntax.read(text, run.session.version)
    try:
        inner.check(statements)
        inner.sequence(statements)
    except Return:
        pass
    except EndOfBatch:
        raise
    finally:
        run.session.database = database
    return inner.variables


def _execute_sql(run: Run, given: Given, statement: Statement) -> None:
    """sp_executesql N'statement', N'@a int, @b int output', values ..."""
    kind, text = given.get("@stmt", (types.INT, None))
    if kind.kind not in types.WIDE:
        raise error(214, "@statement")
    declared = _text(given, "@params", "") or ""
    variables: dict[str, tuple[Type, Any]] = {}
    words = Words(declared, tokens(declared, TRANSACT))
    outputs: dict[str, str] = {}
    for at, (name, wanted) in enumerate(_declared(words, run.session.version)):
        value = given.get(name) or given.get(f"#{at + 2}")
        if value is None:
            raise error(8178, declared, name)
        variables[name] = (wanted, None if value[1] is None else convert.cast(value[1], value[0], wanted))
    for at, (name, shown, output) in enumerate(statement.parts["arguments"]):
        if output:
            outputs[name or list(variables)[at - 2]] = shown.lower()
    after = run_text(run, str(text or ""), variables)
    for name, target in outputs.items():
        run.assign(target, *after[name])


def _declared(words: Words, version: int) -> list[tuple[str, Type]]:
    found = []
    while words.now is not None:
        name = words.name_token().text.lower()
        words.take("AS")
        found.append((name, types.read_type(words, 1, version)))
        words.one_of("OUTPUT", "OUT")
        if not words.take(","):
            words.end()
    return found


PROCEDURES: dict[str, tuple[str, Callable[[Run, Given, Statement], None]]] = {
    "sp_spaceused": ("@objname @updateusage", _space_used), "sp_helpdb": ("@dbname", _help_db),
    "sp_executesql": ("@stmt @params ...", _execute_sql),
}  # fmt: skip
