# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of Oracle about a table's content and its copy in a scratch schema: rows, and the sum of each row's ORA_HASH.

ORA_HASH takes no LONG and no LOB. It hashes each value first, with a mark for null, then the row of these hashes: so a row may
be longer than a VARCHAR2. LOBs are compared by their lengths; what is neither is not compared, and `uncompared` names it.
Source: Oracle Database SQL Language Reference, "ORA_HASH"; PL/SQL Packages and Types Reference, "DBMS_LOB"; static views.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .audit_oracle import name
from .sqlplus import Answer

HASHED = re.compile(
    r"(?:N?VARCHAR2|N?CHAR|NUMBER|FLOAT|BINARY_FLOAT|BINARY_DOUBLE|DATE|RAW|ROWID|TIMESTAMP\b.*|INTERVAL\b.*)\Z"
)
LOBS = frozenset({"CLOB", "NCLOB", "BLOB"})
MOST_COLUMNS = 300  # of 11 characters each in the 4,000 that a VARCHAR2 of SQL holds


@dataclass(frozen=True)
class Column:
    """As user_tab_columns has it; type in capitals."""

    name: str
    type: str

    @property
    def hashed(self) -> bool:
        return bool(HASHED.match(self.type))

    @property
    def lob(self) -> bool:
        return self.type in LOBS


def tables() -> dict[str, str]:
    """The tables of the account that asks."""
    return {"tables": "select table_name from user_tables order by table_name"}


def read_tables(answer: Answer) -> tuple[str, ...] | None:
    return None if answer.error or answer.rows is None else tuple(row[0] for row in answer.rows)


def columns(table: str) -> dict[str, str]:
    return {
        "columns": "select column_name, data_type from user_tab_columns"
        f" where table_name='{name(table).upper()}' order by column_id"
    }


def read_columns(answer: Answer) -> tuple[Column, ...] | None:
    """None: not told, or none at all."""
    if answer.error or not answer.rows or any(len(row) != 2 for row in answer.rows):
        return None
    return tuple(Column(row[0], row[1].upper()) for row in answer.rows)


def comparable(of: Sequence[Column]) -> bool:
    """Whether at least one column, and not too many of them, can be hashed."""
    return 0 < sum(column.hashed for column in of) <= MOST_COLUMNS


def by_length(of: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in of if column.lob)


def uncompared(of: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in of if not column.hashed and not column.lob)


def content(table: str, of: Sequence[Column], scn: int | None) -> dict[str, str]:
    """The figures of all rows, at a system change number where there is one, else now."""
    at = f" as of scn {int(scn)}" if scn is not None else ""
    row = " || ".join(f"nvl2({name(each.name)}, 'v' || ora_hash({name(each.name)}), 'n')" for each in of if each.hashed)
    lobs = "".join(f", count({name(each.name)}), sum(dbms_lob.getlength({name(each.name)}))" for each in of if each.lob)
    return {"content": f"select count(*), sum(ora_hash({row})){lobs} from {name(table)}{at}"}


def read_content(answer: Answer) -> tuple[str, ...] | None:
    """The figures as they were told; the first one is the number of rows. None: not told."""
    if answer.error or not answer.rows or len(answer.rows) != 1 or not re.fullmatch(r"\d+", answer.rows[0][0]):
        return None
    return answer.rows[0]


def drop_block(table: str) -> str:
    """Drops the table of the account that asks, where it has one."""
    upper = name(table).upper()
    return f"""\
declare
  n number;
begin
  select count(*) into n from user_tables where table_name = '{upper}';
  if n > 0 then
    execute immediate 'drop table {upper} purge';
  end if;
  dbms_output.put_line('IMPAX-DROPPED');
end;"""


def read_drop(answer: Answer) -> bool:
    """Whether it is certain that the table is gone."""
    return not answer.error and ("IMPAX-DROPPED",) in (answer.rows or ())
