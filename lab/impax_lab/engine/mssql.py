# SPDX-License-Identifier: GPL-3.0-or-later
"""A SQL Server: its logins, its databases, the sessions on it, and rows that arrive while others work.

The interface is told in `impax_lab.engine`. Settings that the site may give beside those: ``seed``, ``data_folder``, of a login
``sysadmin: false``, of a database ``recovery``, ``collation`` and ``files``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlglot import exp

from impax_lab.engine.arrival import Arrivals
from impax_lab.engine.locks import SQL_SERVER, Locks
from impax_lab.engine.model import Table, Type
from impax_lab.engine.ms import (
    asking,
    backup_history,
    calls,
    changing,
    databases,
    definitions,
    described,
    putting,
    types,
    versions,
)
from impax_lab.engine.ms.errors import SqlError, error
from impax_lab.engine.ms.logins import Logins, LogonFailed
from impax_lab.engine.ms.problems import of_problem
from impax_lab.engine.ms.session import Affected, Attention, Message, Refused, Rows, Session
from impax_lab.engine.ms.session import Column as ResultColumn
from impax_lab.engine.reading import Reading
from impax_lab.engine.sql import parsing
from impax_lab.engine.sql.running import Connection
from impax_lab.engine.sql.scope import Scope
from impax_lab.engine.store import Store
from impax_lab.state import LabError

__all__ = ["Affected", "LogonFailed", "Message", "Refused", "ResultColumn", "Rows", "Server", "Session", "inspect"]

FILE = "engine.sqlite"
DEFAULT_INSTANCE = "MSSQLSERVER"


class Server:
    """One instance with its databases."""

    def __init__(self, folder: Path, spec: Mapping[str, Any], files: databases.Disk | None = None) -> None:
        self._describe(Path(folder), spec)
        self.files = files
        self.folder.mkdir(parents=True, exist_ok=True)
        self.store = Store(self.folder / FILE, None)
        self.writer = self.connection(self.store.write)
        if not self.store.note("databases"):
            self._create()
        self.store.set_note("about", json.dumps(self._about()))
        rates = {name: float(made.get("arrival_per_s") or 0) for name, made in self._described()}
        self._arrivals = Arrivals(rates, self._came_by_itself)

    def _describe(self, folder: Path, spec: Mapping[str, Any]) -> None:
        self.folder, self.spec = folder, dict(spec)
        version = str(spec.get("version", "9.00.4035.00"))
        self.full_version = versions.FULL_VERSIONS.get(version, version)
        self.version = int(self.full_version.split(".")[0])
        self.service = str(spec.get("name", DEFAULT_INSTANCE)).upper()
        self.host = str(spec.get("host", "LAB")).upper()
        self.collation = str(spec.get("collation") or "Latin1_General_CI_AS")
        self.edition = str(spec.get("edition") or "Standard Edition")
        self.level = next(
            (level for start, level in versions.LEVELS.items() if self.full_version.startswith(start)), "RTM"
        )
        self.file_version = versions.FILE_VERSIONS.get(self.version, 661)
        own = (
            rf"C:\Program Files\Microsoft SQL Server\{versions.FOLDERS.get(self.version, versions.FOLDERS[10])}".format(
                name=self.service
            )
        )
        self.data_folder = str(spec.get("data_folder") or rf"{own}\Data")
        self.backup_folder = str(spec.get("backup_folder") or rf"{own}\Backup")
        self.process_id = 1436
        self.hooks: dict[str, Callable[[str], None]] = {}
        self.not_understood: list[dict[str, Any]] = []
        self.on_not_understood: Callable[[dict[str, Any]], None] | None = None
        self.closed = False
        self.logins = Logins(self.spec, self.host, self.version)
        self.locks = Locks(SQL_SERVER)
        self._stop = threading.Event()
        self._sessions: dict[int, Session] = {}
        self._mutex = threading.Lock()

    # For clients ----------------------------------------------------------------------------------------------------

    def logon(self, user: str, password: str | None, database: str | None = None) -> Session:
        """password None: `user` is a Windows account. Raises LogonFailed."""
        login = self.logins.of_windows(user) if password is None else self.logins.with_password(user, password)
        found = self.database(database or "master")
        if found is None:
            level, state, text = 11 if self.version < 9 else 14, 1, error(4060, database)
            raise LogonFailed(
                Message(4060, 11, 1, 1, text.text), Message(18456, level, state, 1, error(18456, login).text)
            )
        return self._session(login, found["name"])

    def arrive(self, database: str, table: str, n: int = 1, timeout: float | None = None) -> int:
        """n rows arrive now, as a session of their own brings them: it waits for locks as any would.

        The result is how many came: 0 when they were kept out for `timeout` seconds.
        """
        session = self._session("impax", (self.database(database) or {"name": database})["name"])
        session.lock_timeout = -1 if timeout is None else round(timeout * 1000)
        try:
            came = self._arrive(session, table, n)
            session.end_statement(True)
            return came
        except SqlError as failed:
            if failed.number in (1222, 1205):
                return 0
            raise
        except Attention:
            return 0
        finally:
            session.close()

    def inspect(self, sql: str, database: str | None = None) -> list[dict[str, Any]]:
        """Committed rows; nobody waits. database: instead of the first one of the site. LabError."""
        session = self._session("sa", (self.database(database or self.first_database()) or {"name": database})["name"])
        session.isolation = "read committed"
        try:
            node = parsing.statement(sql.strip().rstrip(";"), "tsql")
            if isinstance(node, (exp.Insert, exp.Update, exp.Delete)) or node.args.get("into") is not None:
                raise LabError("only queries look at the engine's rows")
            query, compiler = changing.query(session, node, session.compiler({}))
            found = session.shown(query, session.run(query, compiler))
        except parsing.Problem as problem:
            raise LabError(str(of_problem(problem, session))) from problem
        except SqlError as failed:
            raise LabError(str(failed)) from failed
        finally:
            session.close()
        names = [column.name or f"column{place}" for place, column in enumerate(found.columns, 1)]
        return [dict(zip(names, row, strict=True)) for row in found.rows]

    def close(self) -> None:
        """Ends what waits; what is not committed is lost."""
        if self.closed:
            return
        self.closed = True
        self._stop.set()
        self._arrivals.close()
        self.locks.close()
        self._arrivals.join()
        for session in self.sessions():
            session.close()
        self.store.close()

    # For sessions ---------------------------------------------------------------------------------------------------

    @property
    def is_default(self) -> bool:
        return self.service == DEFAULT_INSTANCE

    @property
    def name(self) -> str:
        return self.host if self.is_default else f"{self.host}\\{self.service}"

    @property
    def banner(self) -> str:
        return versions.banner(self.full_version, self.level, self.edition)

    def place(self, path: str) -> Path:
        """Where a file of the station lies on the host; a server without a disk has a folder of its own for it."""
        if isinstance(self.files, databases.Places):
            return self.files.place(path)
        return self.folder / "disk" / path.replace(":", "").replace("\\", "/").strip("/").lower()

    def free(self, path: str) -> int:
        return 1 << 40 if self.files is None else self.files.free(path)

    def connection(self, db: Any) -> Connection:
        return Connection(db, calls.FUNCTIONS, calls.AGGREGATES, calls.COLLATIONS, asking.CONTEXTUAL)

    def databases(self) -> dict[str, dict[str, Any]]:
        return databases.load(self)

    def database(self, name: str | None) -> dict[str, Any] | None:
        return self.databases().get((name or "").lower())

    def shown_name(self, name: str) -> str:
        """A database's name as it is spelt."""
        found = self.database(name)
        return "tempdb" if name.startswith("#") else found["name"] if found else name

    def collation_of(self, database: str) -> str:
        found = self.database(database)
        return found["collation"] if found else self.collation

    def first_database(self) -> str:
        names = [str(made["database"]) for _, made in self._described() if made.get("database")]
        others = [str(name) for name in self.spec.get("databases") or {}]
        return (names or others or ["master"])[0]

    def default_value(self, session: Session, text: str) -> tuple[Type, Any]:
        """A column's default."""
        found = session.compiler({}).value(parsing.expression(text, "tsql"), Scope())
        return found.type, session.evaluate(found)

    def sessions(self) -> list[Session]:
        with self._mutex:
            return list(self._sessions.values())

    def blockers(self, session: Session) -> list[int]:
        """The sessions that hold what another one waits for, as far as that is a table's lock."""
        held = self.locks.holdings()
        mine = {resource for resource, owner, _ in held if owner is session.tx}
        holders = {owner for resource, owner, _ in held if resource not in mine}
        return [other.spid for other in self.sessions() if other is not session and other.tx in holders]

    def forget(self, session: Session) -> None:
        self._drop_temporary(session)
        with self._mutex:
            self._sessions.pop(session.spid, None)

    def pause(self, hook: str, table: Table) -> None:
        """A place where others may come in between."""
        if hook in self.hooks:
            self.hooks[hook](table.name)

    def sleep(self, seconds: float) -> None:
        self._stop.wait(seconds)
        self.check_open()

    def check_open(self) -> None:
        if self.closed:
            raise Attention

    @staticmethod
    def moment(seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds)

    @staticmethod
    def now() -> str:
        return types.stored_moment(datetime.now())

    def note(self, session: Session, text: str, failed: SqlError) -> None:
        """Remember what was not understood."""
        if failed.understood:
            return
        entry = {"at": self.now(), "session": f"{session.login} {session.spid}", "text": text, "why": failed.why}
        self.not_understood.append(entry)
        if self.on_not_understood:
            self.on_not_understood(entry)

    def unknown_view(self, session: Session, owner: str, name: str) -> None:
        """A catalogue view that the lab has not got: the client reads Msg 208, the lab's people read this."""
        if name.lower().startswith(("sys", "dm_")) or owner.lower() in ("sys", "information_schema"):
            missing = error(208, name)
            missing.understood, missing.why = False, f"catalogue view {owner}.{name}"
            self.note(session, "", missing)

    def _session(self, login: str, database: str) -> Session:
        with self._mutex:
            spid = next(number for number in range(51, 32_000) if number not in self._sessions)
            session = Session(self, login, spid, database)
            self._sessions[spid] = session
            return session

    def _drop_temporary(self, session: Session) -> None:
        if isinstance(self.store, Store):
            left = self.store.tables(None, f"#{session.spid}")
            if left:
                tx = self.store.begin()
                for table in left:
                    self.store.drop(tx, table)
                self.store.commit(tx)

    # Making it ------------------------------------------------------------------------------------------------------

    def _described(self) -> list[tuple[str, dict[str, Any]]]:
        return [(str(name), dict(made or {})) for name, made in (self.spec.get("tables") or {}).items()]

    def _about(self) -> dict[str, Any]:
        """What somebody must know who only looks; no passwords."""
        names = ("name", "host", "version", "collation", "edition", "databases")
        tables = {name: {"database": made.get("database")} for name, made in self._described()}
        return {**{name: self.spec[name] for name in names if name in self.spec}, "tables": tables}

    @property
    def seed(self) -> int:
        return int(self.spec.get("seed", 1))

    def _create(self) -> None:
        found: dict[str, Any] = {}
        given = {str(name): dict(made or {}) for name, made in (self.spec.get("databases") or {}).items()}
        for number, name in enumerate((*databases.SYSTEM, *given), 1):
            made = given.get(name, {})
            recovery = str(made.get("recovery", "SIMPLE" if name in ("master", "tempdb") else "FULL")).upper()
            number = number if number <= len(databases.SYSTEM) else number + 1
            files = self._files(name, made)
            rest = int(float(made.get("used_mb", 0)) * databases.MIB)
            found[name.lower()] = databases.made(
                self, name, number, str(made.get("collation") or self.collation), recovery, files
            )
            found[name.lower()]["rest"] = rest
        databases.save(self, found)
        for name, made in self._described():
            self._create_table(name, made)
        self.place(self.backup_folder).mkdir(parents=True, exist_ok=True)
        backup_history.create(self)

    def _files(self, name: str, made: Mapping[str, Any]) -> list[dict[str, Any]]:
        folder = str(made.get("folder") or self.data_folder)
        size = int(
            float(made.get("mb", 100 if made is not None and name not in databases.SYSTEM else 4)) * databases.MIB
        )
        size = max(size, int((float(made.get("used_mb", 0)) + 8) * databases.MIB) if made.get("used_mb") else 0)
        most = int(float(made["max_mb"]) * databases.MIB) if made.get("max_mb") else None
        return [
            databases.file(name, f"{folder}\\{name}.mdf", size, most, 10, True),
            databases.file(f"{name}_log", f"{folder}\\{name}_log.ldf", databases.MIB * 8, None, 10, True, True),
        ]

    def _create_table(self, name: str, made: dict[str, Any]) -> None:
        session = self._session(
            "sa", (self.database(made.get("database") or self.first_database()) or {"name": "master"})["name"]
        )
        columns = described.columns(made, self.version)
        count = int(made.get("rows", 0))
        constraints = described.constraints(session, name, made)
        table = definitions.make(session, ("", str(made.get("owner") or "dbo"), name), columns, constraints)
        self._fill(session, table, made, count, int(made.get("null_user_id", 0)), 1)
        session.end_statement(True)
        session.close()

    def _fill(
        self,
        session: Session,
        table: Table,
        made: Mapping[str, Any],
        count: int,
        nulls: int,
        first: int,
        arriving: bool = False,
    ) -> int:
        given = [
            column for column in table.columns if column.type.kind != "timestamp" and not (arriving and column.identity)
        ]
        kinds = [described.kind_of_invented(column) for column in given]
        into = putting.Putting(session, table, given, kinds)
        with self.store.mutex:
            came = into.put(list(described.rows(table.name, made, given, count, nulls, first, self.seed, arriving)))
            self.store.next_number(f"{table.object_id}.arrived", count)
        return came

    def _arrive(self, session: Session, name: str, n: int) -> int:
        found = session.find("", "dbo", name)
        if found is None:
            raise error(208, name)
        session.lock(found, "IX")
        table = session.find("", "dbo", name)
        if table is None:
            raise error(208, name)
        made = next((each for known, each in self._described() if known.lower() == name.lower()), {})
        first = self.store.counter(f"{table.object_id}.arrived") + 1
        return self._fill(session, table, made, n, 0, first, arriving=True)

    def _came_by_itself(self, table: str, n: int) -> int:
        """As `arrive`; a table that is not there any more keeps its rows out."""
        made = next((each for known, each in self._described() if known == table), {})
        try:
            return self.arrive(str(made.get("database") or self.first_database()), table, n)
        except SqlError:
            return 0


# From beside --------------------------------------------------------------------------------------------------------


def inspect(folder: Path, sql: str, database: str | None = None) -> list[dict[str, Any]]:
    """Committed rows of a server whose process is another one, or is gone; changes nothing."""
    server = _Beside(Path(folder))
    try:
        return Server.inspect(server, sql, database)
    finally:
        server.store.db.close()


class _Beside(Server):
    """A server that is only looked at."""

    def __init__(self, folder: Path) -> None:
        self.store = Reading(folder / FILE)  # type: ignore[assignment]
        self._describe(folder, json.loads(self.store.note("about")))
        self.files = None
