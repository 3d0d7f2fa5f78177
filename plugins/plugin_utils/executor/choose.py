# SPDX-License-Identifier: GPL-3.0-or-later
"""Which transport a station's connection needs, and how a second station is reached from one station's task."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping
from typing import Any

from . import Transport

WINDOWS = "impax.upgrade.winrm_cmd"


class NoTransport(Exception):
    """The station's connection plugin is none that the collection can carry commands over."""


def transport(connection: Any, variable: Callable[[str, Any], Any]) -> Transport:
    """The transport for an Ansible connection. variable(name, default): a variable of that station, rendered."""
    name = getattr(connection, "transport", "")  # the plugin's own; its name as loaded differs between ansible-core's
    if name == "ssh":
        from .posix import PosixTransport

        return PosixTransport(
            connection,
            user=variable("ansible_ssh_user", None) or variable("ansible_user", None),
            codec=variable("impax_codec", "utf-8"),
        )
    if name == WINDOWS:
        from .windows import WindowsTransport

        return WindowsTransport(
            connection,
            user=variable("ansible_user", None),
            codec=variable("impax_codec", "cp437"),
            job_folder=variable("impax_job_folder", "C:\\impax-jobs"),
        )
    raise NoTransport(f"ansible_connection is {name!r}; expected ssh (stations with /bin/sh) or {WINDOWS} (Windows)")


def connect(loaders: Any, play_context: Any, variables: Mapping[str, Any], template: Callable[[Any], Any]) -> Any:
    """An Ansible connection to another station, from its host variables; the caller closes it."""
    kind = template(variables.get("ansible_connection", "ssh"))
    context = copy.copy(play_context)
    context.connection, context.remote_addr = (
        kind,
        template(variables.get("ansible_host", variables["inventory_hostname"])),
    )
    connection, _loaded = loaders.connection_loader.get_with_context(
        kind, context, new_stdin=None, task_uuid="", ansible_playbook_pid=str(os.getppid())
    )
    if connection is None:
        raise NoTransport(f"ansible_connection is {kind!r}, which is not installed")
    import ansible.constants as constants

    names = constants.config.get_plugin_vars("connection", connection._load_name)
    options = {name: template(variables[name]) for name in names if name in variables}
    connection.set_options(task_keys={}, var_options=options)
    return connection
