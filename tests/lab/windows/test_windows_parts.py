# SPDX-License-Identifier: GPL-3.0-or-later
"""Small parts of the Windows stations: paths, texts, messages, TLS, values."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import datetime

import pytest
from impax_lab.windows import paths, texts, tls, wire, wsman
from impax_lab.windows.sql.values import floating, text

MOMENT = datetime(2008, 2, 29, 13, 14, 15, 123000)


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (None, "int", "NULL"), (True, "bit", "1"), (b"\1\xab", "varbinary", "0x01AB"), ("12", "money", "12.0000"),
        ("2008-01-02", "datetime", "2008-01-02 00:00:00.000"), (MOMENT, "smalldatetime", "2008-02-29 13:14:15"),
        (0.1, "float", "0.1"), (1e20, "float", "1e+020"), (3.0, "float", "3.0"),
    ],
)  # fmt: skip
def test_values_as_the_clients_print_them(value, kind, shown):
    assert text(value, kind) == shown


def test_floats_have_windows_exponents():
    assert floating(1.5e-7, 15) == "1.5e-007"


def test_paths_have_no_case_and_never_leave_the_station(tmp_path):
    (tmp_path / "c/Program Files/X").mkdir(parents=True)
    assert paths.host_path(tmp_path, "C:\\", "program files\\x\\New.txt") == tmp_path / "c/Program Files/X/New.txt"
    assert paths.host_path(tmp_path, "C:\\a", "..\\..\\..\\b") == tmp_path / "c/b"
    assert paths.host_path(tmp_path, "C:\\a", "\\b") == tmp_path / "c/b"
    assert paths.host_path(tmp_path, "C:\\a", "d:/x/y") == tmp_path / "d/x/y"
    for outside in ("\\\\server\\share\\x", "\\\\?\\UNC\\x"):
        with pytest.raises(FileNotFoundError):
            paths.host_path(tmp_path, "C:\\a", outside)


def test_wines_words_become_windows_words_piece_by_piece():
    unknown = []
    errors = texts.Errors('"foo bar.exe" x', unknown.append)
    words = b"Can't recognize '\"foo bar.exe\" x' as an internal or external command, or batch script.\r\n"
    printed = b"".join(errors(piece, piece == b"") for piece in (b"File not found.\r\n", b"\r\n", words, b""))
    assert printed.startswith(b"The system cannot find the file specified.\r\n'foo bar.exe' is not recognized")
    assert unknown == ["foo bar.exe"]
    assert texts.lists_folders("cd x & dir /b") and not texts.lists_folders("mkdir x & echo redirect")


def test_a_listing_of_the_small_hours():
    listing = texts.Listing(lambda drive: 5)
    printed = listing(b"11/24/2026   1:50 PM             7  a b\r\n11/24/2026   1:50 PM  <DIR>         x\r\n", True)
    assert printed == (b"11/24/2026  01:50 PM                 7 a b\r\n11/24/2026  01:50 PM    <DIR>          x\r\n")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT20S", 20), ("PT1M5.5S", 65.5), ("PT1H", 3600), ("P1DT1S", 86401), ("7", 7), ("x", 60), ("", 60)],
)
def test_durations(text, seconds):
    assert wsman.duration(text, 60.0) == seconds


def test_what_is_no_message_is_a_fault():
    for message in (b"", b"<a>", b"<a/>"):
        with pytest.raises(wsman.Fault) as raised:
            wsman.parse(message)
        assert raised.value.subcode == "w:SchemaValidationError"


def test_variables_whose_names_begin_with_an_equals_sign():
    assert wire.variables(wire.fields("=C:=C:\\x", "A=b=c", "none")) == {"=C:": "C:\\x", "A": "b=c"}


def test_tls_is_as_old_as_the_station(tmp_path):
    """A client of today refuses it; one that stoops to TLS 1.0 gets in."""
    server = tls.context(tmp_path, "as300", "1.0")

    def shake(client: ssl.SSLContext) -> str | None:
        ours, theirs = socket.socketpair()

        def answer() -> None:
            try:
                server.wrap_socket(theirs, server_side=True).close()
            except OSError:
                theirs.close()

        worker = threading.Thread(target=answer)
        worker.start()
        try:
            with client.wrap_socket(ours, server_hostname="localhost") as secured:
                return secured.version()
        finally:
            worker.join()

    client = ssl.create_default_context(cafile=str(tls.certificate(tmp_path)))
    with pytest.raises(ssl.SSLError):
        shake(client)
    with pytest.warns(DeprecationWarning):
        client.minimum_version = ssl.TLSVersion.TLSv1
    client.set_ciphers("DEFAULT@SECLEVEL=0")
    assert shake(client) == "TLSv1"
    assert (tls.certificate(tmp_path).stat().st_mode & 0o77) == 0
