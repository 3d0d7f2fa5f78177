# SPDX-License-Identifier: GPL-3.0-or-later
"""monitor_stats of IMPAX: the tablespaces as monitor_update measured them last, a row each. Name and folder stand in the
vendor's text, all else is `assumed`: columns, widths, units, that temporary tablespaces are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from impax_lab.engine.oracle import OracleError
from impax_lab.program import Call
from impax_lab.programs import _monitor

NAMES = ("monitor_stats",)
SYSTEMS = ("unix", "windows")
SOURCES = "the vendor's upgrade guide for name and folder; everything else assumed"
SPECIAL = {
    "stale": "the figures are those of the update before the last one",
    "other_layout": "another release: each tablespace is a paragraph of labels and values",
    "gigabytes": "another release: the columns are in GB",
    "tablespace_missing": "the row of MVFL is not printed",
    "no_units": "another release: nothing says in which unit the columns are",
    "not_available": "the database is down: ORA-01034 instead of a table, and it ends with 0",
}
PLACES = _monitor.PLACES
BATCH = True
FAILURE = "ERROR:\nORA-03113: end-of-file on communication channel\n"
TRANSLATED = {
    "Tablespace usage of": "Belegung der Tablespaces von", "Total MB": "Ges. MB", "Used MB": "Belegt MB", "Free MB": "Frei MB",
    "% Used": "% bel.", "Total space": "Gesamt", "Used space": "Belegt", "Free space": "Frei",
}  # fmt: skip
GIB = 1024.0


def main(call: Call) -> int:
    if _monitor.refused(call):
        return 1
    try:
        if call.behaviour == "not_available":
            raise OracleError(1034, "ORA-01034: ORACLE not available")
        _monitor.session(call).close()
        kept = _monitor.kept(call)
    except OracleError as problem:
        return _monitor.failed(call, problem)
    figures = dict(kept["before" if call.behaviour == "stale" else "figures"])
    if call.behaviour == "tablespace_missing":
        figures.pop("MVFL", None)
    name = str(call.station.spec.oracle.get("name", "MVF")).upper()
    call.out(f"\nTablespace usage of {name}, {datetime.now():%d-%b-%Y %H:%M}\n\n")
    call.out(LAYOUTS.get(call.behaviour or "", _table)(figures))
    return 0


def _table(figures: _monitor.Figures) -> str:
    return _columns(figures, ("Total MB", "Used MB", "Free MB", "% Used"), lambda mb: f"{mb:.1f}")


def _gigabytes(figures: _monitor.Figures) -> str:
    return _columns(figures, ("Total GB", "Used GB", "Free GB", "% Used"), lambda mb: f"{mb / GIB:.2f}")


def _no_units(figures: _monitor.Figures) -> str:
    return _columns(figures, ("Total", "Used", "Free", "Pct"), lambda mb: f"{mb:.0f}")


def _columns(figures: _monitor.Figures, headings: tuple[str, ...], size: Callable[[float], str]) -> str:
    lines = [f"{'Tablespace':<20}" + "".join(f"{each:>12}" for each in headings)]
    lines.append("-" * 20 + ("  " + "-" * 10) * len(headings))
    for name, (whole, free) in figures.items():
        cells = (size(whole), size(whole - free), size(free), f"{(whole - free) * 100 / whole:.1f}")
        lines.append(f"{name:<20}" + "".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines) + "\n\n"


def _labels(figures: _monitor.Figures) -> str:
    return "".join(
        f"{name}\n   Total space : {whole:.0f} MB\n   Used space  : {whole - free:.0f} MB\n   Free space  : {free:.0f} MB\n\n"
        for name, (whole, free) in figures.items()
    )


LAYOUTS: dict[str, Callable[[_monitor.Figures], str]] = {
    "other_layout": _labels, "gigabytes": _gigabytes, "no_units": _no_units,
}  # fmt: skip
