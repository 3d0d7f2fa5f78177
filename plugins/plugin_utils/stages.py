# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the stages, as playbooks/prepare.yml has it. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath

import yaml


def order(prepare: str) -> tuple[str, ...]:
    """Stages in the text of prepare.yml: the playbooks that it imports from ``stages/``. Raises ValueError if none."""
    plays = yaml.safe_load(prepare) or []
    names = [str(play.get("ansible.builtin.import_playbook", "")) for play in plays]
    stages = tuple(PurePosixPath(name).stem for name in names if name.startswith("stages/"))
    if not stages:
        raise ValueError("prepare.yml imports no stage")
    return stages
