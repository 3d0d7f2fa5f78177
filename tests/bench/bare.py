# SPDX-License-Identifier: GPL-3.0-or-later
"""The same commands typed bare: one ssh session on a station with /bin/sh, one WinRM session on one with cmd.exe.

A command is a dictionary as the recorder wrote it: words, stdin, environment, user, folder.
"""

from __future__ import annotations

import shlex
import subprocess
from itertools import groupby
from typing import Any

from winrm.protocol import Protocol

Command = dict[str, Any]


def over_ssh(at: dict[str, Any], commands: list[Command]) -> None:
    """Everything in one session: a script for /bin/sh on standard input. Raises CalledProcessError if ssh fails."""
    options = shlex.split(str(at.get("ansible_ssh_common_args", "")))
    key = ["-i", str(at["ansible_ssh_private_key_file"])]
    to = ["-p", str(at["ansible_port"]), f"{at['ansible_user']}@{at['ansible_host']}"]
    words = ["ssh", "-F", "none", *options, *key, *to, "/bin/sh"]
    subprocess.run(words, input=script(commands).encode(), check=True, capture_output=True)


def script(commands: list[Command]) -> str:
    lines = []
    for number, (user, group) in enumerate(groupby(commands, key=lambda command: command["user"])):
        typed = "\n".join(in_sh(command, f"bench-in-{number}-{place}") for place, command in enumerate(group))
        mark = f"bench-user-{number}"
        lines.append(typed if user is None else f"su - {user} -c /bin/sh <<'{mark}'\n{typed}\n{mark}")
    return "\n".join([*lines, "exit 0", ""])


def in_sh(command: Command, mark: str) -> str:
    if command["private"]:
        raise ValueError(f"{command['words'][0]} reads a private file: the bench types no such command")
    call = " ".join(shlex.quote(word) for word in command["words"])
    variables = "".join(f"{name}={shlex.quote(value)} " for name, value in command["environment"].items())
    folder = f"cd {shlex.quote(command['folder'])}; " if command["folder"] else ""
    stdin = command["stdin"]
    if not stdin:
        return f"{folder}{variables}{call} </dev/null"
    return f"{folder}{variables}{call} <<'{mark}'\n{stdin if stdin.endswith(chr(10)) else stdin + chr(10)}{mark}"


def over_winrm(at: dict[str, Any], commands: list[Command]) -> None:
    """Everything in one shell; its variables are those of all commands. Raises what pywinrm raises."""
    protocol = session(at)
    variables = {name: value for command in commands for name, value in command["environment"].items()}
    shell = protocol.open_shell(env_vars=variables or None)
    try:
        for command in commands:
            type_in(protocol, shell, command)
    finally:
        protocol.close_shell(shell)


def session(at: dict[str, Any]) -> Protocol:
    endpoint = f"{at['ansible_winrm_scheme']}://{at['ansible_host']}:{at['ansible_port']}/wsman"
    return Protocol(
        endpoint,
        transport=at.get("ansible_winrm_transport", "basic"),
        username=at["ansible_user"],
        password=at["ansible_password"],
        server_cert_validation=at.get("ansible_winrm_server_cert_validation", "validate"),
    )


def type_in(protocol: Protocol, shell: str, command: Command) -> None:
    line = subprocess.list2cmdline(command["words"])
    folder = f"cd /d {command['folder']} && " if command["folder"] else ""
    running = protocol.run_command(shell, f"{folder}{line}")
    if command["stdin"]:
        protocol.send_command_input(shell, running, command["stdin"].replace("\n", "\r\n").encode(), end=True)
    protocol.get_command_output(shell, running)
    protocol.cleanup_command(shell, running)
