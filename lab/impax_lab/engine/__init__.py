# SPDX-License-Identifier: GPL-3.0-or-later
"""The database engines of the simulated stations: real SQL on real rows, with each vendor's own errors and locks.

One process per station holds an engine, one thread at a time uses a session, many sessions work side by side. What is
committed lies in ``folder/engine.sqlite`` and is read by `inspect` from any process, while the engine runs and after.
What an engine does not understand fails with the vendor's own kind of error and is noted in ``.not_understood``
(dictionaries ``at, session, text, why``; ``.on_not_understood(entry)`` is called too when it is set): never an empty
success.

Oracle (`impax_lab.engine.oracle`)::

    Instance(folder, spec)            spec: name, version, charset, users {NAME: {password}}, tables, accounts
      .logon(user, password) -> Session         OracleError 1017, 28000, 1034 (.down = True: the instance is down)
      .arrive(table, n=1, owner=None)           n rows arrive now, as another session's committed transaction
      .hooks[name] = callable(table)            "before_truncate": DDL has committed and released its locks, and has
                                                not begun to truncate (spec["truncate_window_s"] waits there too)
      .inspect(sql, database=None) -> [{column: value}]     committed rows, read-only; LabError      .close()
    Session.execute(sql) -> Result              one statement or PL/SQL block without its ; or /
      .commit() .rollback() .close()            close() of a session that still lives commits nothing: it rolls back
      .scn() -> int                             the current system change number
      .table(name) -> TableDefinition           "t" or "owner.t": owner, name, columns (name, type "NUMBER(12)", nullable)
      .rows_as_of(name, scn=None) -> iterator   typed rows in the order of the columns; ORA-01555, 08181, 01466
      .user
    Result       columns ((name, type, size), ...), rows [tuple], affected, kind ("select", "insert", "truncate",
                 "block", ...), printed [lines of DBMS_OUTPUT]
    OracleError  code, message ("ORA-00942: ..." and the lines behind it), line, column, printed
    Values       NUMBER int or Decimal, DATE a datetime whose str() follows NLS_DATE_FORMAT, text str, RAW bytes

SQL Server (`impax_lab.engine.mssql`)::

    Server(folder, spec, files=None)  spec: name, host, version ("9.00.5000.00" or 2000 | 2005 | 2008), edition, collation,
                                      logins {sa: {password}}, windows_logins [...], databases {mvf: {}}, tables, accounts
      .logon(user, password, database=None) -> Session        password None: `user` is a Windows account, "HOST\\\\name".
                                                LogonFailed: .messages (18456, 18486, 4060)
      .arrive(database, table, n=1, timeout=None)             n rows arrive now, as another session; waits for locks
      .inspect(sql, database=None) -> [{column: value}]       committed rows, read-only; LabError     .close()
      .hooks["before_truncate"] = callable(table)             before a TRUNCATE takes its lock
      files                                     the disk of the station: .exists(path) .free(path) .create(path, size; again
                                                to grow) .delete(path), paths as Windows writes them, bytes; None: no disk
    Session.batch(sql) -> [Rows | Message | Affected]         in the order a client receives them; Affected follows its
                                                Rows and is left out under SET NOCOUNT ON
      .export(what) -> Rows                     a table ("mvf..t", "dbo.t") or a query; Refused(.messages)
      .table(name) -> [Column]                  all columns in order
      .bulk_insert(name, rows, keep_identity=False, keep_nulls=False, batch=0) -> int     rows: values of all columns in
                                                order; None for NULL; typed values or text. Refused(.messages, .row)
      .cancel()                                 from another thread: the waiting or running batch ends (attention); what was
                                                answered before comes back, a transaction stays open unless XACT_ABORT
      .close()                                  rolls back
      .database .login .spid
    Rows      columns (Column(name, kind, size, scale, nullable, display, identity, collation), ...), rows [tuple]
    Message   number, level, state, line, text, procedure            number 0: PRINT; 5701 behind USE; 8153: NULLs passed over;
              3621 behind an error that ended its statement
    Affected  count
    Values    int (bit too), Decimal, float, str (uniqueidentifier too), bytes, datetime, None

`inspect(folder, sql, database=None)` of each module reads the files of an engine that another process holds or held.
"""
