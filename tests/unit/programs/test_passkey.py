# SPDX-License-Identifier: GPL-3.0-or-later
"""passkey: a password or nothing; never shown."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import passkey


@pytest.mark.parametrize(
    "printed, value",
    [
        ("S3cret!\n", "S3cret!"),
        ("IMPAX passkey\n\nS3cret!\n", "S3cret!"),
        ("Password: S3cret!\n", "S3cret!"),
        ("password=S3cret!\n", "S3cret!"),
        ("sa = S3cret!\n", "S3cret!"),
        ("SA:S3cret!\n", "S3cret!"),
        ("Password: a:b=c\n", "a:b=c"),
        ("a:b=c\n", "a:b=c"),
    ],
)
def test_a_password_is_a_secret(printed, value):
    read = passkey.read(printed, "sa")
    assert read.reveal() == value and value not in repr(read)


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "\n",
        "password=\n",
        "usage: passkey -M QUERY -u user\n",
        "passkey: no key for user sa: not found\n",
        "two words\n",
    ],
)
def test_what_is_no_password(printed):
    assert passkey.read(printed, "sa") is None


def test_its_output_is_withheld():
    command = passkey.query("C:\\mvf\\bin\\passkey.exe", "sa")
    assert command.withheld and command.words[1:] == ("-M", "QUERY", "-u", "sa")
