# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of Oracle about an audit table, and the block that empties it.

The size query is the vendor text's own. TRUNCATE is DDL: Oracle commits, so releases every lock, before it starts.
Source: Oracle Database SQL Language Reference, "TRUNCATE TABLE", "LOCK TABLE"; Reference, static views.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .sqlplus import LOG_ON_CODES, Answer

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_#$]{0,29}\Z")
BUSY = "ORA-00054"
LATE = "ORA-20001"


def name(identifier: str) -> str:
    if not NAME.match(identifier):
        raise ValueError(f"{identifier!r} is no plain Oracle name")
    return identifier


@dataclass(frozen=True)
class Facts:
    """As far as Oracle answered; unread: fact -> code or reason. scn None: the account may not read it."""

    database: str | None
    rows: int | None
    size_kb: int | None
    null_user_id: int | None
    key: str
    referenced_by: tuple[str, ...] | None
    scn: int | None
    charset: str
    unread: Mapping[str, str]


def questions(table: str) -> dict[str, str]:
    """Everything that can be asked before the key column is known."""
    upper = name(table).upper()
    return {
        "database": "select name, dbid from v$database",
        "size": f"select ceil(sum(bytes)/1024) from user_segments where segment_name='{upper}' and segment_type='TABLE'",
        "rows": f"select count(*) from {upper}",
        "nulls": f"select count(*) from {upper} where user_id is null",
        "references": "select c.table_name, c.constraint_name from user_constraints c, user_constraints p"
        f" where c.constraint_type='R' and c.status='ENABLED' and c.r_constraint_name=p.constraint_name and p.table_name='{upper}'",
        "key": "select cc.column_name, tc.data_type from user_constraints c, user_cons_columns cc, user_tab_columns tc"
        f" where c.table_name='{upper}' and c.constraint_type='P' and cc.constraint_name=c.constraint_name"
        f" and tc.table_name=c.table_name and tc.column_name=cc.column_name",
        "scn": "select current_scn from v$database",
        "charset": "select value from nls_database_parameters where parameter='NLS_CHARACTERSET'",
    }


def read(answers: Mapping[str, Answer]) -> Facts:
    unread = {fact: answer.why for fact, answer in answers.items() if answer.error and fact != "scn"}
    return Facts(
        database=_database(answers["database"]),
        rows=answers["rows"].number,
        size_kb=answers["size"].number,
        null_user_id=answers["nulls"].number,
        key=_key(answers["key"]),
        referenced_by=_names(answers["references"]),
        scn=answers["scn"].number,
        charset=answers["charset"].value or "",
        unread=unread,
    )


def _database(answer: Answer) -> str | None:
    return " ".join(answer.rows[0]) if answer.rows and len(answer.rows) == 1 else None


def _key(answer: Answer) -> str:
    """The primary key's column where it is one numeric column, else ""."""
    rows = answer.rows or ()
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 2 and rows[0][1] == "NUMBER" else ""


def _names(answer: Answer) -> tuple[str, ...] | None:
    return None if answer.rows is None else tuple(".".join(row) for row in answer.rows)


def range_questions(table: str, key: str, scn: int | None) -> dict[str, str]:
    """Rows and key range, at a system change number where there is one, else now."""
    at = f" as of scn {int(scn)}" if scn is not None else ""
    columns = f", min({name(key)}), max({name(key)})" if key else ""
    return {"range": f"select count(*){columns} from {name(table)}{at}"}


def read_range(answer: Answer) -> tuple[int | None, int | None, int | None]:
    """(rows, least key, greatest key); None for what was not told."""
    if answer.error or not answer.rows or len(answer.rows) != 1:
        return None, None, None
    cells = [int(cell) if re.fullmatch(r"-?\d+", cell) else None for cell in answer.rows[0]]
    rows, least, greatest = ([*cells, None, None])[:3]
    return rows, least, greatest


def lock_questions(table: str) -> dict[str, str]:
    """How many sessions hold a lock on the table (v$locked_object needs a grant on it)."""
    return {
        "locks": "select count(*) from v$locked_object l, user_objects o"
        f" where o.object_id=l.object_id and o.object_name='{name(table).upper()}'"
    }


def truncate_block(table: str, rows: int, key: str, greatest: int | None) -> str:
    """Locks, counts, compares with the export, truncates: the truncate is the very next statement after the comparison.

    `lock table ... nowait` raises ORA-00054 while another session has uncommitted rows; a difference raises ORA-20001.
    """
    upper, at_most = name(table).upper(), "0" if greatest is None else str(int(greatest))
    measure = f"nvl(max({name(key)}), 0)" if key else "0"
    expected = at_most if key else "0"
    return f"""\
declare
  n number;
  k number;
begin
  lock table {upper} in exclusive mode nowait;
  select count(*), {measure} into n, k from {upper};
  dbms_output.put_line('IMPAX-SAW rows=' || n || ' greatest=' || k);
  if n <> {int(rows)} or k <> {expected} then
    raise_application_error(-20001, 'rows=' || n || ' greatest=' || k);
  end if;
  execute immediate 'truncate table {upper}';
  dbms_output.put_line('IMPAX-TRUNCATED');
end;"""


# Errors that are certain to come before the truncate or instead of it. After any other (ORA-03113: the session broke off)
# it may have been done.
CERTAIN = LOG_ON_CODES | {"ORA-00054", "ORA-20001", "ORA-02266", "ORA-00942", "ORA-01031", "ORA-06550", "ORA-30006"}


def read_truncate(answer: Answer, printed: str) -> str:
    """ "done", "late" (rows differ from the export), "busy", "refused", or "" where only the table itself can tell."""
    done = "IMPAX-TRUNCATED" in printed
    if done and answer.rows is not None and not answer.codes:
        return "done"
    if done or not set(answer.codes) & CERTAIN or set(answer.codes) - CERTAIN - {"ORA-06512"}:
        return ""
    return "late" if LATE in answer.codes else "busy" if BUSY in answer.codes else "refused"
