# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's end of a copied file: nobody else may read it, and it is there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import TransferFailed


@contextmanager
def arriving(remote: str, local: Path) -> Iterator[Path]:
    """An empty private file beside `local` to be filled; it takes its place afterwards, never that of another file."""
    partial = local.with_name(f"{local.name}.{os.getpid()}.partial")
    try:
        local.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield partial
        os.link(partial, local)
    except OSError as error:
        raise TransferFailed(remote, f"could not be written here: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


RESERVE = 1 << 30  # bytes that a copy leaves on the disk that the journal lies on


def room_for(folder: Path, size: int) -> str:
    """Why `size` bytes more must not be put there; "" where they may."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(there).free
    if size + RESERVE <= free:
        return ""
    return f"the controller's {there} has {free} bytes free, {size} and {RESERVE} to spare are wanted"


def sha1(path: Path) -> str:
    """SHA-1 (hex) of a local file, to compare with what the station's own tool prints."""
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as source:
        while block := source.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
