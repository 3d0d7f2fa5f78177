# SPDX-License-Identifier: GPL-3.0-or-later
"""bcp out and queryout: rows into a file."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any

from impax_lab.windows.sql import charfile, native
from impax_lab.windows.sql.bulk import ACP, Form
from impax_lab.windows.sql.copying import Failed, Run, end_of_copy, form, report, result
from impax_lab.windows.sql.values import Column


def unload(run: Run, first: int, last: int) -> int:
    copied = result(run)
    shape = form(run, copied.columns)
    if "e" in run.asked.switches.values:
        run.call.write_file(run.asked.switches.get("e"), b"")  # there, and empty (assumed)
    rows = copied.rows[first - 1 : last or None]
    run.say("\nStarting copy...\n")
    pieces = [shape.mark, *(_packed(row, copied.columns, shape) for row in rows)]
    kept = _kept_pieces(run, pieces)
    _write(run, b"".join(kept), len(kept) - 1)
    run.copied = len(rows)
    return end_of_copy(run)


def _packed(row: Sequence[Any], columns: Sequence[Column], shape: Form) -> bytes:
    if shape.native:
        pairs = zip(row, columns, strict=True)
        return b"".join(native.pack(value, column, shape.mode == "N", ACP) for value, column in pairs)
    return charfile.row(row, shape.fields, shape.codec)


def _kept_pieces(run: Run, pieces: list[bytes]) -> list[bytes]:
    """The pieces (mark, rows) that come into the file, with the injected fault at work."""
    behaviour = run.call.behaviour
    if behaviour in ("failed_but_zero", "no_total", "io_error"):
        return pieces[: 1 + (len(pieces) - 1) // 2]
    if behaviour == "total_differs":
        return pieces[:1] + pieces[1:-1]
    if behaviour == "truncated_file" and len(pieces) > 1:
        return [*pieces[:-1], pieces[-1][: len(pieces[-1]) // 2]]
    return pieces


def _write(run: Run, data: bytes, rows: int) -> None:
    """Raises Failed when the file cannot be opened, or not be written to its end."""
    if run.asked.file.lower() in ("nul", "nul:"):
        return report(run, rows)
    try:
        run.call.write_file(run.asked.file, data)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise Failed(run.error("S1000", 0, "Unable to open BCP host data-file")) from error
        report(run, rows // 2)
        raise _io_error(run) from error
    report(run, rows)
    if run.call.behaviour == "io_error":
        raise _io_error(run)
    if run.call.behaviour == "failed_but_zero":
        text = "Could not continue scan with NOLOCK due to data movement."
        raise Failed(run.error("37000", 601, text, server=True), "\nBCP copy out failed\n")
    return None


def _io_error(run: Run) -> Failed:
    return Failed(run.error("S1000", 0, "I/O error while writing BCP data-file"), "\nBCP copy out failed\n")
