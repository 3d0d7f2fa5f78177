# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every test: the environment's own programs come first, and the caller's settings decide nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OF_THE_CALLER = ("ANSIBLE_CONFIG", "ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_INVENTORY", "ANSIBLE_ROLES_PATH", "PYTHONPATH")


def pytest_configure() -> None:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for name in OF_THE_CALLER:
        os.environ.pop(name, None)
    # Ansible's own importer must be there before the first import of the collection, or no plugin of it can be loaded.
    from ansible.plugins import loader

    loader.init_plugin_loader([])
