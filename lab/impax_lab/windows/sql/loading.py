# SPDX-License-Identifier: GPL-3.0-or-later
"""bcp in: rows of a file into a table."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

from impax_lab.windows.sql import charfile, connection, native
from impax_lab.windows.sql.bulk import ACP, Form
from impax_lab.windows.sql.copying import Failed, Run, end_of_copy, form, report, table_columns
from impax_lab.windows.sql.values import Column


def load(run: Run, most_errors: int, first: int, last: int) -> int:
    try:
        data = run.call.path(run.asked.file).read_bytes()
    except OSError as error:
        raise Failed(run.error("S1000", 0, "Unable to open BCP host data-file")) from error
    columns = table_columns(run)
    shape = form(run, columns)
    run.say("\nStarting copy...\n")
    rows = [_whole(row, shape, columns) for row in _good_rows(run, data, shape, most_errors, first, last)]
    kept = _kept_rows(run, rows)
    loaded = len(kept) if run.call.pretend else _insert(run, kept)
    report(run, loaded)
    if run.call.behaviour in _BREAKS:
        raise Failed(run.error(*_BREAKS[run.call.behaviour]), "\nBCP copy in failed\n")
    run.copied = loaded + len(rows) - len(kept)
    return end_of_copy(run)


_BREAKS = {
    "failed_but_zero": ("37000", 1105, "Could not allocate space in the database: the 'PRIMARY' filegroup is full."),
    "truncated_file": ("S1000", 0, "Unexpected EOF encountered in BCP data-file"),
    "io_error": ("S1000", 0, "I/O error while reading BCP data-file"),
}


def _kept_rows(run: Run, rows: list[list[Any]]) -> list[list[Any]]:
    """The rows that are loaded, with the injected fault at work."""
    if run.call.behaviour in (*_BREAKS, "no_total"):
        return rows[: len(rows) // 2]
    return rows[:-1] if run.call.behaviour == "total_differs" else rows


def _whole(row: list[Any], shape: Form, columns: Sequence[Column]) -> list[Any]:
    """The values in the order of the table; None for a column that the file has not."""
    given = {column.name: value for column, value in zip(_columns(shape), row, strict=True)}
    return [given.get(column.name) for column in columns]


def _insert(run: Run, rows: list[list[Any]]) -> int:
    flags = run.asked.switches.flags
    how = {"keep_identity": "E" in flags, "keep_nulls": "k" in flags, "batch": run.asked.switches.number("b", 0)}
    try:
        with connection.Watch(run.call, run.session):
            return connection.insert(run.session, run.asked.what, rows, **how)
    except connection.Refused as problem:
        raise Failed(*map(run.said, problem.messages), "\nBCP copy in failed\n") from problem


def _good_rows(run: Run, data: bytes, shape: Form, most: int, first: int, last: int) -> Iterator[list[Any]]:
    """Rows in the order of the columns. What a column cannot take is told and goes to the error file. Raises Failed."""
    bad: list[bytes] = []
    for number, row in enumerate(_native_rows(run, data, shape) if shape.native else _char_rows(run, data, shape), 1):
        if number < first or (last and number > last):
            continue
        try:
            yield _values(row, shape)
        except charfile.BadValue as problem:
            run.errors += 1
            run.say(run.error(problem.state, 0, str(problem)))
            note = f"#@ Row {number}, Column {problem.column}: {problem} @#\r\n"
            bad.append(note.encode(shape.codec) + b"\t".join(row))
            if run.errors >= most:
                _keep_errors(run, bad)
                raise Failed("\nBCP copy in failed\n") from problem
    _keep_errors(run, bad)


def _native_rows(run: Run, data: bytes, shape: Form) -> Iterator[list[Any]]:
    reader = native.Reader(data)
    while reader.more():
        try:
            yield [reader.value(column, shape.mode == "N", ACP) for column in _columns(shape)]
        except (EOFError, KeyError, ValueError, OverflowError, struct.error) as error:  # assumed: one message for all
            raise _unexpected_end(run) from error


def _char_rows(run: Run, data: bytes, shape: Form) -> Iterator[list[bytes]]:
    for row in charfile.rows(data, shape.fields):
        if row is None:
            raise _unexpected_end(run)
        yield row


def _unexpected_end(run: Run) -> Failed:
    return Failed(run.error("S1000", 0, "Unexpected EOF encountered in BCP data-file"), "\nBCP copy in failed\n")


def _columns(shape: Form) -> list[Column]:
    return [field.column for field in shape.fields if field.column]


def _values(row: Sequence[Any], shape: Form) -> list[Any]:
    """Raises BadValue, which knows its column then."""
    if shape.native:
        return list(row)
    values = []
    for number, (part, field) in enumerate(zip(row, shape.fields, strict=True), 1):
        if field.column:
            try:
                values.append(charfile.value(part, field.column, shape.codec))
            except charfile.BadValue as problem:
                problem.column = number
                raise
    return values


def _keep_errors(run: Run, bad: list[bytes]) -> None:
    if "e" in run.asked.switches.values:
        run.call.write_file(run.asked.switches.get("e"), b"\r\n".join([*bad, b""]) if bad else b"")
