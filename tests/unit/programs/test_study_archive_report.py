# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the study archiving report's two programs, and what the transcripts cannot show of their answers."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Secret
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import mig_reporter
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import study_archive_report as report

WINDOWS, SOLARIS = "C:\\mvf-mig6\\bin", "/usr/mvf-mig6/bin"


def test_the_words_of_the_vendors_text():
    secret = Secret("pw-1", "password")
    words = report.report("windows", WINDOWS, account="mvf", password=secret).words
    assert words == (f"{WINDOWS}\\mig-study-archive-report.exe", "-d", "mvf", "-U", "mvf", "-P", secret)
    assert report.report("solaris", SOLARIS, user="oracle").words == (f"{SOLARIS}/mig-study-archive-report", "-o")
    made = mig_reporter.write("windows", WINDOWS, report.NAME).words
    assert made == (f"{WINDOWS}\\mig_reporter.exe", "-d", "mvf", "-t", "mig-study-archive-report")
    made = mig_reporter.write("solaris", SOLARIS, report.NAME).words
    assert made == (f"{SOLARIS}/mig_reporter", "-t", "mig-study-archive-report")


def test_no_password_travels_to_solaris():
    command = report.report("solaris", SOLARIS, account="mvf", password=Secret("pw-1", "password"))
    assert command.secrets() == ()


def test_a_last_line_without_its_end_is_not_believed():
    assert report.read("Total studies: 400\nNot archived: 12").unarchived is None
    assert report.read("Total studies: 400\nNot archived: 12\n").unarchived == 12


def test_the_same_line_twice_is_one_figure_and_two_counts_are_none():
    assert report.read("Not archived: 12\nNot archived: 12\n").unarchived == 12
    twice = report.read("Not archived: 12\nNot archived: 13\n")
    assert twice.unarchived is None and "two counts" in twice.why


def test_the_site_names_the_lines():
    labels = report.Labels(unarchived=r"^Nicht archiviert$", total="gesamt")
    read = report.read("Studien gesamt: 50\nArchiviert: 48\nNicht archiviert: 2\n", labels)
    assert (read.unarchived, read.total, read.computed) == (2, 50, False)
    assert report.bad_pattern(labels) == "" and report.bad_pattern(report.Labels(total="(")) == "("


def test_computed_is_said():
    assert report.read("Total studies: 50\nArchived: 48\n").computed


@pytest.mark.parametrize(
    "printed", ["", "\n", "usage: mig-study-archive-report -o\n", "Done in 3 s\n", "Not archived: many\n"]
)
def test_no_figures_are_no_zero(printed):
    read = report.read(printed)
    assert read.unarchived is None and read.why


def test_a_number_that_is_no_group_of_three_is_no_figure():
    assert report.read("Not archived: 1,23\n").unarchived is None
    assert report.read("Not archived: 1 234\n").unarchived == 1234
