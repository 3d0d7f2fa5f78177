# SPDX-License-Identifier: GPL-3.0-or-later
"""The data files that a station's Oracle database is made of, as the site describes them.

::

    oracle:
      tablespaces:
        MVFL: {files: [{path: /u01/oradata/MVF/mvfl01.dbf, mb: 2000, autoextend: false, max_mb: 4000}], free_mb: 300}
        UNDO: [{name: /u01/oradata/MVF/undo01.dbf, mb: 500}]          # the shorter form
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

DEFAULT_MB = {"SYSTEM": 700, "SYSAUX": 600, "UNDO": 500, "MVF": 2000, "MVFINDX": 1000, "MVFL": 2000, "MVFLINDX": 1000}
DataFile = tuple[int, str, str, float]


def datafiles(spec: Any) -> list[DataFile]:
    """``[(number, tablespace, path, MiB)]`` in the order of their numbers, from 1 on.

    spec: the mapping under ``oracle`` of a station, or the station's description that has it. A site without tablespaces
    has the seven that an IMPAX database is known by, with one file each.
    """
    oracle: Mapping[str, Any] = spec if isinstance(spec, Mapping) else spec.oracle
    described = oracle.get("tablespaces") or {name: [{"mb": mb}] for name, mb in DEFAULT_MB.items()}
    found = [
        (str(name).upper(), at, file) for name, kept in described.items() for at, file in enumerate(_files(kept), 1)
    ]
    return [
        (number, name, str(file.get("path") or file.get("name") or _path(oracle, name, at)), float(file.get("mb", 100)))
        for number, (name, at, file) in enumerate(found, 1)
    ]


def current(instance: Any) -> list[DataFile]:
    """As `datafiles`, of an engine's instance, with the files that were added since the site came up."""
    added_too = getattr(instance, "data_files", None)
    return list(added_too()) if added_too else datafiles(instance.spec)


def _files(kept: Any) -> Iterator[Mapping[str, Any]]:
    files = kept.get("files") if isinstance(kept, Mapping) else kept
    yield from files or [{}]


def _path(oracle: Mapping[str, Any], tablespace: str, at: int) -> str:
    """assumed: where a site keeps its data files that does not say so."""
    name = str(oracle.get("name", "MVF"))
    if "windows" in str(oracle.get("platform", "")).lower():
        return f"D:\\oracle\\oradata\\{name}\\{tablespace}{at:02}.DBF"
    return f"/u01/oradata/{name}/{tablespace.lower()}{at:02}.dbf"
