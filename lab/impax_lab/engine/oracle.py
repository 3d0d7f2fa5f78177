# SPDX-License-Identifier: GPL-3.0-or-later
"""An Oracle instance: its users, its tables, the sessions on it, and rows that arrive while others work.

The interface is told in `impax_lab.engine`. Settings that the site may give beside those: ``undo_retention`` (seconds of
history, 900), ``truncate_window_s`` (between a TRUNCATE's commit and its beginning, 0.02: assumed), ``seed``,
``tablespaces`` (`impax_lab.engine.ora.space`), and of a user ``dba: false`` and ``reads: [OWNER]``.
"""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from impax_lab.engine.arrival import Arrivals
from impax_lab.engine.locks import ORACLE, Interrupted, Locks
from impax_lab.engine.model import Table
from impax_lab.engine.ora import calls, dates, definitions, described, space, statements
from impax_lab.engine.ora.errors import OracleError, error
from impax_lab.engine.ora.session import Result, ResultColumn, Session, TableDefinition
from impax_lab.engine.reading import Reading
from impax_lab.engine.sql.running import Connection
from impax_lab.engine.store import Store
from impax_lab.state import LabError

__all__ = ["Instance", "OracleError", "Result", "ResultColumn", "Session", "TableDefinition", "inspect"]

FILE = "engine.sqlite"
BANNERS = {"9": "Oracle9i", "10": "Oracle Database 10g", "11": "Oracle Database 11g", "12": "Oracle Database 12c"}


class Instance:
    """One instance with its database. down: True as after a shutdown: nobody can log on. mode: open, mounted, down.

    files: the station's disks for data files (`impax_lab.disks.EngineFiles`); None: there are none.
    """

    mode = "open"
    files: Any = None

    def __init__(self, folder: Path, spec: Mapping[str, Any], files: Any = None) -> None:
        self.folder, self.spec, self.files = Path(folder), dict(spec), files
        self.name = str(spec.get("name", "MVF"))[:8].upper()
        self.version = str(spec.get("version", "11.2.0.4.0"))
        self.hooks: dict[str, Callable[[str], None]] = {}
        self.not_understood: list[dict[str, Any]] = []
        self.on_not_understood: Callable[[dict[str, Any]], None] | None = None
        self.started = time.time()
        self.down = False
        self.closed = False
        self._stop = threading.Event()
        self._sessions: dict[int, Session] = {}
        self._mutex = threading.Lock()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.spec["tablespaces"] = self.spec.get("tablespaces") or space.default()
        space.write_files(self)
        self.store = Store(self.folder / FILE, float(spec.get("undo_retention", 900)))
        self.locks = Locks(ORACLE)
        self.writer = self.connection(self.store.write)
        if not self.store.note("created"):
            self._create()
        self.store.set_note("about", json.dumps(self._about()))
        self.created = self.store.note("created")
        self._arrivals = Arrivals(
            {name: float(made.get("arrival_per_s") or 0) for name, made in self._described()}, self._came_by_itself
        )

    # For clients ----------------------------------------------------------------------------------------------------

    def logon(self, user: str, password: str) -> Session:
        """Raises OracleError 1017, 28000, 1034."""
        if self.down or self.closed:
            raise error(1034)
        name = user.strip('"').upper()
        account = self._users().get(name)
        state = dict(self.accounts()).get(name)
        if account is None or state == "wrong_password" or not self._fits(str(account.get("password", "")), password):
            raise error(1017)
        if state == "locked":
            raise error(28000)
        return self._session(name)

    def internal(self) -> Session:
        """A session as SYS for whom the operating system vouches. Raises OracleError 1034."""
        if self.down or self.closed:
            raise error(1034)
        return self._session("SYS", dba=True)

    def arrive(self, table: str, n: int = 1, owner: str | None = None, timeout: float | None = None) -> int:
        """n rows arrive now, inserted and committed by a session of their own; waits for locks as such a session would.

        The result is how many came: 0 when they were kept out for `timeout` seconds. Raises OracleError 942, 1034.
        """
        if self.mode != "open":
            raise error(1034)
        found = self._described_table(table, owner)
        session = self._session(found.owner)
        try:
            return self._arrive(session, found, n, timeout)
        finally:
            session.close()

    def _came_by_itself(self, table: str, n: int) -> int:
        """As `arrive`; a table that is not there any more keeps its rows out."""
        try:
            return self.arrive(table, n)
        except OracleError:
            return 0

    def inspect(self, sql: str, database: str | None = None) -> list[dict[str, Any]]:
        """Committed rows as the owner of the tables sees them. database: an owner, instead of the first one. LabError."""
        session = self._session((database or self.owner()).upper(), dba=True)
        try:
            if not sql.lstrip().lower().startswith(("select", "with", "(")):
                raise LabError("only queries look at the engine's rows")
            result = session.execute(sql.rstrip().rstrip(";"))
        except OracleError as failed:
            raise LabError(failed.message) from failed
        finally:
            session.close()
        return [dict(zip([c.name for c in result.columns], row, strict=True)) for row in result.rows]

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
    def dbid(self) -> int:
        return zlib.crc32(f"{self.name}{self.created}".encode()) | 1 << 30

    @property
    def product(self) -> str:
        return f"{BANNERS.get(self.version.split('.')[0], 'Oracle Database')} Enterprise Edition"

    def connection(self, db: Any) -> Connection:
        return Connection(db, calls.FUNCTIONS, {}, {}, {})

    def is_dba(self, user: str) -> bool:
        """assumed: DBADMIN, which owns the PACS' tables, may read the dictionary; the site can say otherwise."""
        return bool(self._users().get(user, {}).get("dba", user in ("SYS", "SYSTEM", "DBADMIN")))

    def may_read(self, user: str, owner: str) -> bool:
        return owner in [str(name).upper() for name in self._users().get(user, {}).get("reads", [])]

    def uid(self, user: str) -> int:
        return list(self._users()).index(user) if user in self._users() else 99

    def accounts(self) -> list[tuple[str, str]]:
        states = {str(name).upper(): str(state) for name, state in (self.spec.get("accounts") or {}).items()}
        return [(name, states.get(name, "")) for name in self._users()]

    def data_files(self) -> list[tuple[int, str, str, float]]:
        """[(number, tablespace, path, MiB)] of the site's files and of those added since."""
        return [(file.number, file.tablespace, file.path, file.bytes / space.MIB) for file in space.data_files(self)]

    def sessions(self) -> list[Session]:
        with self._mutex:
            return list(self._sessions.values())

    def forget(self, session: Session) -> None:
        with self._mutex:
            self._sessions.pop(session.sid, None)

    def pause(self, hook: str, table: Table) -> None:
        """A place where others may come in between."""
        if hook in self.hooks:
            self.hooks[hook](table.name)
        self.sleep(float(self.spec.get("truncate_window_s", 0.02)))

    def sleep(self, seconds: float) -> None:
        self._stop.wait(seconds)
        self.check_open()

    def check_open(self) -> None:
        if self.closed:
            raise Interrupted

    def note(self, session: Session, text: str, failed: OracleError) -> None:
        """Remember what was not understood."""
        if failed.understood:
            return
        entry = {"at": dates.now(), "session": f"{session.user} {session.sid}", "text": text, "why": failed.why}
        self.not_understood.append(entry)
        if self.on_not_understood:
            self.on_not_understood(entry)

    def unknown_view(self, session: Session, name: str) -> None:
        """A dictionary view that the lab has not got: the client reads ORA-00942, the lab's people read this."""
        if name.startswith(("DBA_", "USER_", "ALL_", "V$", "GV$", "V_$")):
            missing = error(942)
            missing.understood, missing.why = False, f"dictionary view {name}"
            self.note(session, session.text, missing)

    # Making it ------------------------------------------------------------------------------------------------------

    def owner(self) -> str:
        """The owner of the site's tables: the first one named, else the first user that is not the system's."""
        owners = [str(made.get("owner", "")).upper() for _, made in self._described() if made.get("owner")]
        others = [user for user in self._users() if user not in ("SYS", "SYSTEM")]
        return (owners or others or ["SYSTEM"])[0]

    def _described(self) -> list[tuple[str, dict[str, Any]]]:
        return [(str(name), dict(made or {})) for name, made in (self.spec.get("tables") or {}).items()]

    def _users(self) -> dict[str, dict[str, Any]]:
        return {str(name).upper(): dict(made or {}) for name, made in (self.spec.get("users") or {}).items()}

    def _fits(self, expected: str, given: str) -> bool:
        """Passwords have cases from release 11 on."""
        if int(self.version.split(".")[0]) < 11:
            return expected.upper() == given.upper()
        return expected == given

    def _session(self, user: str, dba: bool = False) -> Session:
        with self._mutex:
            sid = next(number for number in range(9, 10_000) if number not in self._sessions)
            session = Session(self, user, sid)
            session.dba = session.dba or dba
            self._sessions[sid] = session
            return session

    def _create(self) -> None:
        for name, made in self._described():
            self._create_table(name.upper(), made)
        self.store.set_note("created", dates.now())

    def _create_table(self, name: str, made: dict[str, Any]) -> None:
        owner = str(made.get("owner") or self.owner()).upper()
        session = self._session(owner)
        columns = described.columns(made)
        constraints = described.constraints(session, name, made, columns)
        table = definitions.make(session, Table(0, owner, owner, name, columns, constraints))
        values = list(
            described.rows(name, made, table, int(made.get("rows", 0)), int(made.get("null_user_id", 0)), 1, self.seed)
        )
        self.store.insert(session.transaction(), table.physical, len(columns), values)
        definitions.grown(self.store, table, values)
        self.store.set_counter(f"{table.object_id}.arrived", len(values))
        session.commit()
        session.close()

    def _about(self) -> dict[str, Any]:
        """What somebody must know who only looks; no passwords."""
        tables = {name: {"owner": made.get("owner")} for name, made in self._described()}
        looked_at = ("name", "version", "charset", "host", "platform", "tablespaces")
        kept = {name: self.spec[name] for name in looked_at if name in self.spec}
        return {**kept, "users": {user: {} for user in self._users()}, "tables": tables}

    @property
    def seed(self) -> int:
        return int(self.spec.get("seed", 1))

    def _described_table(self, name: str, owner: str | None) -> Table:
        whose = next((made.get("owner") for n, made in self._described() if n.upper() == name.upper()), None)
        found = self.store.find(None, str(owner or whose or self.owner()).upper(), name.upper())
        if found is None:
            raise error(942)
        return found

    def _arrive(self, session: Session, table: Table, n: int, timeout: float | None) -> int:
        made = next((m for name, m in self._described() if name.upper() == table.name), {})
        session._snapshot = self.store.scn

        def work() -> int:
            locked = session.lock(table, "RX", timeout)
            first = self.store.next_number(f"{table.object_id}.arrived", n) - n + 1
            values = list(described.rows(table.name, made, locked, n, 0, first, self.seed, arriving=True))
            with self.store.mutex:
                given = {column.name: (at, column.type) for at, column in enumerate(locked.columns)}
                return statements.put(session, locked, values, given)

        try:
            came = session.guarded("", work)
        except OracleError as failed:
            if failed.code in (54, 30006, 1013):
                session.rollback()
                return 0
            raise
        session.commit()
        return int(came)


# From beside --------------------------------------------------------------------------------------------------------


def inspect(folder: Path, sql: str, database: str | None = None) -> list[dict[str, Any]]:
    """Committed rows of an instance whose process is another one, or is gone; changes nothing."""
    instance = _Beside(Path(folder))
    try:
        return Instance.inspect(instance, sql, database)  # type: ignore[arg-type]
    finally:
        instance.store.db.close()


class _Beside(Instance):
    """An instance that is only looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Reading(folder / FILE)  # type: ignore[assignment]
        self.spec = json.loads(self.store.note("about"))
        self.name, self.version = (
            str(self.spec.get("name", "MVF"))[:8].upper(),
            str(self.spec.get("version", "11.2.0.4.0")),
        )
        self.created, self.started = self.store.note("created"), 0.0
        self.down = self.closed = False
        self.locks = Locks(ORACLE)
        self.not_understood, self.on_not_understood = [], None
        self._sessions, self._mutex = {}, threading.Lock()
