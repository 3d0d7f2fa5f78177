# SPDX-License-Identifier: GPL-3.0-or-later
"""One file a program: the words it is called with, and what its answer means. Pure; found by name, there is no list.

Every file: line 1 the program and how it lies; patterns; a frozen data class; functions that return a `Command`; readers.
A reader takes what was printed (bytes that are no text as ``\\udcXX``) and gives None for what the output does not say.
TRANSCRIPTS names the folders of ``tests/transcripts`` that its `read` is held to.

SQL clients (sqlplus, osql) are asked many questions in one session:

- ``ask({name: sql}, log_on, nonce=...)`` -> Command; ``answers(printed, names, nonce)`` -> {name: Answer(rows, ...)}.
  rows None: no whole answer came. An answer stands between marks with the nonce, so nothing else is mistaken for it.
- sqlplus ``block(plsql, ...)`` and osql ``batch(sql, ...)``: one unit that is rolled back and ends the session on an error.
- ``read(printed)`` is for output that people's own sessions printed.

Bulk copies: ``exp.table``, ``imp.show``, ``bcp.out``, ``bcp.load``, ``bcp.describe``; their ``read`` believes numbers and codes.

The audit tables' questions: audit_oracle and audit_sqlserver give named SQL texts and read the answers (`Facts`), and
build the one unit that empties the table (``truncate_block``, ``truncate_batch``), whose end ``read_truncate`` tells.
"""
