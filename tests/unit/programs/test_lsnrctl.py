# SPDX-License-Identifier: GPL-3.0-or-later
"""lsnrctl's words, and answers that the transcripts do not show."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import lsnrctl


def test_words():
    assert lsnrctl.status().words == ("lsnrctl", "status")
    assert lsnrctl.start("/opt/oracle/bin/lsnrctl").words == ("/opt/oracle/bin/lsnrctl", "start")
    assert lsnrctl.status().environment == {"NLS_LANG": "AMERICAN_AMERICA"} and 1 in lsnrctl.start().expected


@pytest.mark.parametrize(
    ("printed", "running"),
    [
        ("", None),
        ("ksh: lsnrctl: not found\n", None),
        ("TNS-12535: TNS:operation timed out\n", None),
        ("The command completed successfully\nTNS-12547: TNS:lost contact\n", None),
        ("TNSLSNR for Solaris: Version 10.2.0.4.0 - Production\n", None),
        ("Version                   TNSLSNR for Solaris: Version 10.2.0.4.0\n", True),
        ("The listener supports no services\nThe command completed successfully\n", True),
    ],
)
def test_what_is_not_said_is_unknown(printed, running):
    assert lsnrctl.read(printed).running is running


def test_an_answer_that_did_not_come_says_nothing():
    cut = Outcome(lsnrctl.status(), State.UNKNOWN, stdout=b"Uptime                    12 days\n")
    assert lsnrctl.running(cut) is None
    assert lsnrctl.running(Outcome(lsnrctl.status(), State.ENDED, 0, b"Uptime                    12 days\n")) is True
