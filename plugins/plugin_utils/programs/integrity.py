# SPDX-License-Identifier: GPL-3.0-or-later
"""The twelve questions of the vendor's text on the integrity of a database's rows (S23). Each must count 0.

The text prints a stray full stop behind the first and a stray semicolon in the heading of the twelfth; here they are as
SQL. None of them reads past locks: a dirty read could count what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ._answers import Answer

DUPLICATE, NULL = "duplicate", "null"


@dataclass(frozen=True)
class Question:
    """heavy: it reads a table with a row for each image or document, which takes long on a site of many years."""

    table: str
    column: str
    kind: str = NULL
    heavy: bool = False

    @property
    def name(self) -> str:
        """``dosr_study.study_uid.null``: last part of the finding's key."""
        return f"{self.table}.{self.column}.{self.kind}"

    @property
    def where(self) -> str:
        """The condition that a row in question meets."""
        if self.kind == NULL:
            return f"{self.column} is null"
        return (
            f"{self.column} in (select {self.column} from {self.table}"
            f" group by {self.column} having count({self.column})>1)"
        )

    @property
    def sql(self) -> str:
        counted = "*" if self.kind == NULL else self.column
        return f"select count({counted}) from {self.table} where {self.where}"


QUESTIONS = (
    Question("dosr_object_document", "object_ref", DUPLICATE, heavy=True),
    Question("dosr_his_study", "study_uid"),
    Question("dosr_study", "study_uid"),
    Question("dosr_object", "sop_instance_uid", heavy=True),
    Question("dosr_object", "series_ref", heavy=True),
    Question("map_job", "originating_user_id"),
    Question("map_event", "user_id"),
    Question("map_event_audit", "user_id", heavy=True),
    Question("mitra_folder", "folder_name"),
    Question("mitra_folder_item", "item_name"),
    Question("mitra_print_params", "user_id"),
    Question("agfahc_report_access_config", "ae_title"),
)

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_#$]{0,127}\Z", re.A)
PRIMARY_KEY = {
    "oracle": "select cc.column_name from user_constraints c, user_cons_columns cc where c.table_name='{upper}'"
    " and c.constraint_type='P' and cc.constraint_name=c.constraint_name",
    "sqlserver": "select k.column_name from information_schema.table_constraints c, information_schema.key_column_usage k"
    " where c.constraint_type = 'PRIMARY KEY' and c.table_name = '{table}' and k.constraint_name = c.constraint_name",
}
LIMITED = {
    "oracle": "select {key} from {table} where {where} and rownum <= {most}",
    "sqlserver": "select top {most} {key} from {table} where {where}",
}

# Who answered, asked in the same session: a count says nothing without the database that it is of.
WHO = {
    "oracle": "select name, dbid, (select max(banner) from v$version where banner like 'Oracle%') from v$database",
    "sqlserver": "select db_name(), convert(varchar(30), serverproperty('productversion')), @@servername",
}


@dataclass(frozen=True)
class Counts:
    """database: name and identity, "" where it was not told. counts: by question's name. unread: name -> why not."""

    database: str
    counts: Mapping[str, int]
    unread: Mapping[str, str]


def questions(engine: str, heavy: bool = True) -> dict[str, str]:
    """Name -> SQL, for one session. heavy: with those that take long."""
    asked = {question.name: question.sql for question in QUESTIONS if heavy or not question.heavy}
    return {"who": WHO[engine], **asked}


KEYS_AT_MOST = 1000


def key_questions(engine: str, names: Iterable[str]) -> dict[str, str]:
    """Name -> SQL for the columns of the primary key of each question's table; only a single one is of use."""
    tables = {question.name: question.table for question in QUESTIONS if question.name in set(names)}
    return {name: PRIMARY_KEY[engine].format(table=table, upper=table.upper()) for name, table in tables.items()}


def value_questions(engine: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Name -> SQL for the keys of the rows in question, a thousand at most. keys: name -> column of the primary key."""
    return {
        question.name: LIMITED[engine].format(
            key=keys[question.name], table=question.table, where=question.where, most=KEYS_AT_MOST
        )
        for question in QUESTIONS
        if question.name in keys
    }


def single(answers: Mapping[str, Answer]) -> dict[str, str]:
    """Name -> the one column of its table's primary key, where there is one and its name is a plain one."""
    rows = {name: answer.rows or () for name, answer in answers.items()}
    return {
        name: found[0][0]
        for name, found in rows.items()
        if len(found) == 1 and len(found[0]) == 1 and PLAIN.match(found[0][0])
    }


def values(answers: Mapping[str, Answer]) -> dict[str, list[str]]:
    """Name -> the keys that were answered; a name whose question failed is left out."""
    return {
        name: [row[0] for row in answer.rows if len(row) == 1]
        for name, answer in answers.items()
        if answer.rows is not None
    }


def read(answers: Mapping[str, Answer]) -> Counts:
    """A count is a whole number that is not negative; anything else was not counted."""
    asked = [question.name for question in QUESTIONS if question.name in answers]
    numbers = {name: answers[name].number for name in asked}
    counts = {name: number for name, number in numbers.items() if number is not None and number >= 0}
    unread = {name: answers[name].why or "no single number" for name in asked if name not in counts}
    return Counts(_who(answers["who"]), counts, unread)


def _who(answer: Answer) -> str:
    return " ".join(answer.rows[0]) if answer.rows and len(answer.rows) == 1 else ""
