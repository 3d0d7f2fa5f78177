# SPDX-License-Identifier: GPL-3.0-or-later
"""A new site folder: from the templates beside this file, or with the inventory of the running lab."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .folder import Usage

TEMPLATES = Path(__file__).parent / "templates"
NAME = "NAME-OF-THE-FOLDER"  # in the templates: the site is called as its folder until somebody names it otherwise
LAB = "build/lab"


def make(root: Path, lab: bool = False) -> list[Path]:
    """Writes what is missing; returns what was written. Raises Usage."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        written = [_copy(file, root) for file in _templates(lab)]
        return [path for path in written if path] + (_from_lab(root) if lab else [])
    except OSError as error:
        raise Usage(f"{root} cannot be filled: {error.strerror}: {error.filename}") from error


def next_steps(folder: str, lab: bool) -> str:
    if lab:
        return f"{folder} is ready: impax-prepare run {folder}"
    return (
        f"{folder} is made. Next:\n"
        f"  1. name the stations in {folder}/site/hosts.yml, and the site in {folder}/site/group_vars/all.yml\n"
        f"  2. put the passwords into a vault: see {folder}/vault.example.yml\n"
        f"  3. impax-prepare assess {folder}"
    )


def _templates(lab: bool) -> list[Path]:
    files = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    return [path for path in files if not (lab and _inside(path).parts[0] in ("site", "vault.example.yml"))]


def _inside(template: Path) -> Path:
    """A template's place in the site folder; a leading ``dot-`` is a dot there."""
    inside = template.relative_to(TEMPLATES)
    return inside.with_name(inside.name.replace("dot-", ".", 1))


def _copy(template: Path, root: Path) -> Path | None:
    target = root / _inside(template)
    if target.exists():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    text = template.read_text(encoding="utf-8").replace(NAME, root.resolve().name)
    target.write_text(text, encoding="utf-8")
    return target


def _from_lab(root: Path) -> list[Path]:
    """The lab's inventory; an older one of a lab is replaced, one that a person wrote never."""
    source = Path(os.environ.get("IMPAX_LAB_STATE") or LAB) / "inventory"
    hosts = source / "hosts.yml"
    if not hosts.exists():
        raise Usage(
            f"there is no lab in {source.parent} (IMPAX_LAB_STATE): bring it up first with impax-lab up SITE.yml"
        )
    target = root / "site"
    if target.exists():
        _is_of_a_lab(target)
        shutil.rmtree(target)
    shutil.copytree(source, target)
    return sorted(path for path in target.rglob("*") if path.is_file())


def _is_of_a_lab(target: Path) -> None:
    hosts = target / "hosts.yml"
    if not hosts.exists() or "Written by impax-lab" not in hosts.read_text(encoding="utf-8"):
        raise Usage(f"{target} holds an inventory that no lab has written: it is left alone. Name another folder.")
