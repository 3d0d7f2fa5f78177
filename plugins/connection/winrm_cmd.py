# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E402 - Ansible's own checks want the documentation above the imports
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plain commands to cmd.exe over WinRM. Nothing that is sent is ever shown, at no verbosity."""

from __future__ import annotations

DOCUMENTATION = r"""
name: winrm_cmd
author:
  - IMPAX upgrade collection (@impax-upgrade)
short_description: Commands for cmd.exe over WinRM, without PowerShell
version_added: 0.1.0
description:
  - Runs command lines in C(cmd.exe), and single programs without it, on Windows stations where PowerShell is missing
    or old (Windows Server 2003 and 2008).
  - Options are named as in P(ansible.builtin.winrm#connection), so an inventory can be used with both.
  - Command lines, input and environment variables are never shown or logged, whatever the verbosity.
  - Modules cannot be run over this connection. M(ansible.builtin.raw), the transfer of files and the actions of this
    collection can.
requirements:
  - pywinrm
options:
  remote_addr:
    description: Address of the station.
    type: str
    default: inventory_hostname
    vars:
      - name: inventory_hostname
      - name: ansible_host
      - name: ansible_winrm_host
  remote_user:
    description: Account to log on with.
    type: str
    vars:
      - name: ansible_user
      - name: ansible_winrm_user
    keyword:
      - name: remote_user
  remote_password:
    description: Password of O(remote_user).
    type: str
    aliases: [password]
    vars:
      - name: ansible_password
      - name: ansible_winrm_pass
      - name: ansible_winrm_password
  port:
    description: Port of the WinRM listener. WinRM 1.1 listens on 80 and 443.
    type: int
    default: 5986
    vars:
      - name: ansible_port
      - name: ansible_winrm_port
    keyword:
      - name: port
  scheme:
    description: If not set, V(http) when O(port) is V(5985) or V(80), else V(https).
    type: str
    choices: [http, https]
    vars:
      - name: ansible_winrm_scheme
  path:
    description: Path of the WinRM listener.
    type: str
    default: /wsman
    vars:
      - name: ansible_winrm_path
  transport:
    description:
      - How to log on; the first of a list is taken, and no other is tried after it, because a refused log-on counts
        towards locking the account.
      - If not set, V(kerberos) for a user in the form V(user@domain), else V(ssl) (Basic) over https and V(ntlm) over
        http.
      - V(kerberos), V(certificate) and V(credssp) are handed to pywinrm as they are.
    type: list
    elements: str
    vars:
      - name: ansible_winrm_transport
  message_encryption:
    description:
      - Encryption of the messages themselves, which NTLM, Kerberos and CredSSP can do. V(auto) does it over http.
    type: str
    choices: [auto, always, never]
    default: auto
    vars:
      - name: ansible_winrm_message_encryption
  server_cert_validation:
    description: Whether the station's certificate is checked.
    type: str
    choices: [validate, ignore]
    default: validate
    vars:
      - name: ansible_winrm_server_cert_validation
  ca_trust_path:
    description: File or folder of the certificates that are trusted instead of the system's.
    type: str
    vars:
      - name: ansible_winrm_ca_trust_path
  cert_pem:
    description: File of the client certificate, for O(transport=certificate).
    type: str
    vars:
      - name: ansible_winrm_cert_pem
  cert_key_pem:
    description: File of the key of O(cert_pem).
    type: str
    vars:
      - name: ansible_winrm_cert_key_pem
  send_cbt:
    description: Whether NTLM and Kerberos over https send the channel binding token.
    type: bool
    default: true
    vars:
      - name: ansible_winrm_send_cbt
  tls_minimum:
    description:
      - The oldest TLS version that is spoken. V(1.0) also allows the old cipher suites; Windows Server 2003 and 2008
        know nothing newer without an update.
    type: str
    choices: ['1.0', '1.2']
    default: '1.2'
    vars:
      - name: ansible_winrm_tls_minimum
  kerberos_delegation:
    description: Whether the station may use the ticket for other machines.
    type: bool
    default: false
    vars:
      - name: ansible_winrm_kerberos_delegation
  kerberos_hostname_override:
    description: Name of the station in its Kerberos principal, if it is not O(remote_addr).
    type: str
    vars:
      - name: ansible_winrm_kerberos_hostname_override
  kerberos_mode:
    description:
      - V(managed) fetches a ticket with O(kerberos_command), V(manual) expects one. If not set, V(managed) when there
        is a password.
    type: str
    choices: [managed, manual]
    vars:
      - name: ansible_winrm_kinit_mode
  kerberos_command:
    description: Program that fetches a Kerberos ticket.
    type: str
    default: kinit
    vars:
      - name: ansible_winrm_kinit_cmd
  kinit_args:
    description: Arguments for O(kerberos_command) instead of the usual ones.
    type: str
    vars:
      - name: ansible_winrm_kinit_args
  kinit_env_vars:
    description: Names of environment variables that O(kerberos_command) gets.
    type: list
    elements: str
    default: []
    ini:
      - section: winrm
        key: kinit_env_vars
    vars:
      - name: ansible_winrm_kinit_env_vars
  proxy:
    description:
      - Proxy to go through. If not set, the environment decides; a station on this machine is never looked for behind
        one.
    type: str
    vars:
      - name: ansible_winrm_proxy
  operation_timeout_sec:
    description: Seconds that the station may take over one answer; a longer command is asked for again.
    type: int
    default: 20
    vars:
      - name: ansible_winrm_operation_timeout_sec
      - name: ansible_winrm_connection_timeout
  read_timeout_sec:
    description: Seconds without an answer after which the connection is broken; more than O(operation_timeout_sec).
    type: int
    default: 30
    vars:
      - name: ansible_winrm_read_timeout_sec
  command_timeout:
    description: Seconds that one command of M(ansible.builtin.raw) may take.
    type: int
    default: 3600
    vars:
      - name: ansible_winrm_command_timeout
  codepage:
    description: Code page in which the station's programs print; best the station's own.
    type: int
    default: 437
    vars:
      - name: ansible_winrm_codepage
"""

import logging
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlunsplit

from ansible.errors import AnsibleConnectionFailure, AnsibleError, AnsibleFileNotFound
from ansible.plugins.connection import ConnectionBase
from ansible.utils.display import Display
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.kerberos import ticket
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows_failures import NothingSent

try:
    from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.winrm import Conversation
    from requests.adapters import HTTPAdapter
    from urllib3.util.ssl_ import create_urllib3_context
    from winrm.protocol import Protocol

    MISSING: ImportError | None = None
except ImportError as error:
    MISSING = error
    HTTPAdapter = object

LONGEST_LINE = 8000
WIRE_LOGS = ("urllib3", "requests", "requests_ntlm", "requests_kerberos", "requests_credssp", "spnego", "winrm")
display = Display()


class OldTls(HTTPAdapter):
    """HTTPS as Windows Server 2003 and 2008 speak it: TLS 1.0 and its cipher suites (assumed)."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = create_urllib3_context(ciphers="DEFAULT:@SECLEVEL=0", ssl_minimum_version=769)
        super().init_poolmanager(*args, ssl_context=context, **kwargs)


class Connection(ConnectionBase):
    """One kept conversation; `run` is what the collection's executor uses."""

    transport = "impax.upgrade.winrm_cmd"
    module_implementation_preferences = ("",)
    has_pipelining = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._shell_type = "cmd"
        super().__init__(*args, **kwargs)
        self.conversation: Any = None
        self._ticket: Any = None
        self._codepage = 0
        for name in WIRE_LOGS:
            logging.getLogger(name).setLevel(logging.WARNING)

    # What Ansible asks for

    def _connect(self) -> Connection:
        if self.conversation is None:
            codepage = self._codepage or int(self.get_option("codepage"))
            self.conversation = Conversation(self._new_protocol(), self._before_each, codepage)
            self._connected = True
        return self

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        if len(cmd) > LONGEST_LINE:
            raise AnsibleError(
                f"a command of {len(cmd)} characters is too long for cmd.exe, which may run nothing and say 0"
            )
        return self.run(cmd, in_data or b"", timeout=float(self.get_option("command_timeout")))

    def put_file(self, in_path: str, out_path: str) -> None:
        if not Path(in_path).is_file():
            raise AnsibleFileNotFound(f"there is no file {in_path}")
        self._files(lambda transport: transport.put(Path(in_path), out_path))

    def fetch_file(self, in_path: str, out_path: str) -> None:
        self._files(lambda transport: transport.fetch(in_path, Path(out_path)))

    def _files(self, carry: Callable[[Any], None]) -> None:
        from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import TransferFailed
        from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows import WindowsTransport

        try:
            carry(WindowsTransport(self))
        except TransferFailed as failure:
            raise AnsibleError(str(failure)) from None

    def close(self) -> None:
        if self.conversation:
            self.conversation.close()
        if self._ticket:
            self._ticket.close()
        self.conversation = self._ticket = None
        self._connected = False

    def reset(self) -> None:
        self.close()
        self._connect()

    # What the executor asks for

    def use_codepage(self, number: int) -> None:
        """In which code page the station's programs print, from the next shell on."""
        self._codepage = number
        if self.conversation and self.conversation.codepage != number:
            self.reset()

    def run(
        self,
        line: str,
        stdin: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        folder: str | None = None,
        through_cmd: bool = True,
        timeout: float = 60.0,
        deadline: Callable[[bytearray], float] | None = None,
        into: Any = None,
    ) -> tuple[int, bytes, bytes]:
        """Runs one command line; (exit code as a signed 32-bit number, standard output, error output).

        stdin: None leaves the program's input open and empty, b"" closes it. environment, folder: a shell of their own,
        closed afterwards. through_cmd False starts the line's program without cmd.exe. deadline: called with the output
        so far, gives the seconds since the start at which time is up; `timeout` otherwise. into: takes the standard
        output as it comes, by its method `extend`; the one that is returned is then empty.
        Raises NothingSent, WrongCredentials, Broken, ShellGone or TimedOut (executor/windows_failures).
        """
        self._connect()
        until = deadline or (lambda _stdout: timeout)
        return self.conversation.run(line, stdin, environment or {}, folder, through_cmd, until, into)

    # The way there

    def _new_protocol(self) -> Any:
        if MISSING is not None:
            raise AnsibleError(f"the Python package pywinrm is needed on this machine: {MISSING}")
        option = self.get_option
        host, port = str(option("remote_addr")), int(option("port"))
        scheme = option("scheme") or ("http" if port in (5985, 80) else "https")
        patience = int(option("operation_timeout_sec"))
        method = self._method(scheme)
        display.vvv(
            f"ESTABLISH WINRM CONNECTION FOR USER: {option('remote_user')} TO {scheme}://{host}:{port}", host=host
        )
        netloc = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            if method == "kerberos":
                self._fetch_ticket()
            return Protocol(
                urlunsplit((scheme, netloc, option("path"), "", "")),
                transport=method,
                username=_plain(option("remote_user")),
                password=_plain(option("remote_password")),
                operation_timeout_sec=patience,
                read_timeout_sec=max(int(option("read_timeout_sec")), patience + 5),
                **self._passed_on(scheme, host),
            )
        except AnsibleConnectionFailure:
            raise
        except Exception as error:
            raise NothingSent(f"the connection cannot be made: {error}") from None

    def _method(self, scheme: str) -> str:
        if chosen := self.get_option("transport"):
            return str(chosen[0])
        if "@" in (self.get_option("remote_user") or ""):
            return "kerberos"
        return "ssl" if scheme == "https" else "ntlm"

    def _passed_on(self, scheme: str, host: str) -> dict[str, Any]:
        """Options that are pywinrm's own."""
        named = ("server_cert_validation", "message_encryption", "cert_pem", "cert_key_pem", "send_cbt")
        named += ("kerberos_delegation", "kerberos_hostname_override")
        passed: dict[str, Any] = {name: _plain(self.get_option(name)) for name in named}
        if scheme == "http" or self.get_option("ca_trust_path"):
            passed["ca_trust_path"] = _plain(self.get_option("ca_trust_path"))
        if self.get_option("proxy") or host in ("localhost", "::1") or host.startswith("127."):
            passed["proxy"] = _plain(self.get_option("proxy"))
        return passed

    def _before_each(self) -> None:
        """An old station's TLS belongs to the HTTP session, which pywinrm makes anew after each close."""
        transport = self.conversation.protocol.transport
        if self.get_option("tls_minimum") == "1.0" and transport.session is None:
            transport.build_session().mount("https://", OldTls())

    def _fetch_ticket(self) -> None:
        option, password = self.get_option, self.get_option("remote_password")
        if (option("kerberos_mode") or ("managed" if password else "manual")) == "manual":
            return
        usual = ["-f"] if option("kerberos_delegation") else []
        arguments = shlex.split(option("kinit_args") or "") or usual
        self._ticket = ticket(
            _plain(option("remote_user")),
            password or "",
            option("kerberos_command"),
            arguments,
            option("kinit_env_vars"),
        )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value
