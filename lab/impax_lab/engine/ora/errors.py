# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of Oracle. Texts: Oracle Database Error Messages, 11g Release 2."""

from __future__ import annotations

from typing import Any

TEXTS = {
    1: "unique constraint ({0}) violated",
    54: "resource busy and acquire with NOWAIT specified or timeout expired",
    60: "deadlock detected while waiting for resource",
    900: "invalid SQL statement",
    901: "invalid CREATE command",
    902: "invalid datatype",
    903: "invalid table name",
    904: "{0}: invalid identifier",
    905: "missing keyword",
    906: "missing left parenthesis",
    907: "missing right parenthesis",
    909: "invalid number of arguments",
    911: "invalid character",
    913: "too many values",
    917: "missing comma",
    918: "column ambiguously defined",
    920: "invalid relational operator",
    922: "missing or invalid option",
    923: "FROM keyword not found where expected",
    926: "missing VALUES keyword",
    927: "missing equal sign",
    932: "inconsistent datatypes: expected {0} got {1}",
    933: "SQL command not properly ended",
    934: "group function is not allowed here",
    936: "missing expression",
    937: "not a single-group group function",
    938: "not enough arguments for function",
    939: "too many arguments for function",
    942: "table or view does not exist",
    947: "not enough values",
    950: "invalid DROP option",
    959: "tablespace '{0}' does not exist",
    955: "name is already used by an existing object",
    957: "duplicate column name",
    971: "missing SET keyword",
    979: "not a GROUP BY expression",
    1012: "not logged on",
    1013: "user requested cancel of current operation",
    1017: "invalid username/password; logon denied",
    1031: "insufficient privileges",
    1033: "ORACLE initialization or shutdown in progress",
    1034: "ORACLE not available",
    1119: "error in creating database file '{0}'",
    1144: "File size ({0} blocks) exceeds maximum of {1} blocks",
    1219: "database not open: queries allowed on fixed tables/views only",
    1400: "cannot insert NULL into ({0})",
    1407: "cannot update ({0}) to NULL",
    1403: "no data found",
    1408: "such column list already indexed",
    1418: "specified index does not exist",
    1422: "exact fetch returns more than requested number of rows",
    1427: "single-row subquery returns more than one row",
    1430: "column being added already exists in table",
    1438: "value larger than specified precision allowed for this column",
    1440: "column to be modified must be empty to decrease precision or scale",
    1446: "cannot select ROWID from, or sample, a view with DISTINCT, GROUP BY, etc.",
    1453: "SET TRANSACTION must be first statement of transaction",
    1466: "unable to read data - table definition has changed",
    1476: "divisor is equal to zero",
    1537: "cannot add file '{0}' - file already part of database",
    1555: 'snapshot too old: rollback segment number 9 with name "_SYSSMU9_1650507775$" too small',
    1722: "invalid number",
    1735: "invalid ALTER TABLE option",
    1785: "ORDER BY item must be the number of a SELECT-list expression",
    1789: "query block has incorrect number of result columns",
    1791: "not a SELECTed expression",
    1830: "date format picture ends before converting entire input string",
    1839: "date not valid for month specified",
    1840: "input value not long enough for date format",
    1841: "(full) year must be between -4713 and +9999, and not be 0",
    1843: "not a valid month",
    1847: "day of month must be between 1 and last day of month",
    1858: "a non-numeric character was found where a numeric was expected",
    1861: "literal does not match format string",
    1086: "savepoint '{0}' never established in this session or is invalid",
    1756: "quoted string not properly terminated",
    1821: "date format not recognized",
    2091: "transaction rolled back",
    2142: "missing or invalid ALTER TABLESPACE option",
    2216: "tablespace name expected",
    2236: "invalid file name",
    2248: "invalid option for ALTER SESSION",
    2264: "name already used by an existing constraint",
    2266: "unique/primary keys in table referenced by enabled foreign keys",
    2270: "no matching unique or primary key for this column-list",
    2290: "check constraint ({0}) violated",
    2291: "integrity constraint ({0}) violated - parent key not found",
    2292: "integrity constraint ({0}) violated - child record found",
    2429: "cannot drop index used for enforcement of unique/primary key",
    2443: "Cannot drop constraint  - nonexistent constraint",
    2449: "unique/primary keys in table referenced by foreign keys",
    3214: "File Size specified is smaller than minimum required",
    3217: "invalid option for alter of TEMPORARY TABLESPACE",
    3291: "Invalid truncate option - missing STORAGE keyword",
    6502: "PL/SQL: numeric or value error{0}",
    6510: "PL/SQL: unhandled user-defined exception",
    6550: "line {0}, column {1}:\n{2}",
    8181: "specified number is not a valid system change number",
    12514: "TNS:listener does not currently know of service requested in connect descriptor",
    12541: "TNS:no listener",
    12560: "TNS:protocol adapter error",
    12899: "value too large for column {0} (actual: {1}, maximum: {2})",
    28000: "the account is locked",
    30006: "resource busy; acquire with WAIT timeout expired",
    21000: "error number argument to raise_application_error of {0} is out of range",
}


class OracleError(Exception):
    """code: 942. message: with its ORA- prefix and the lines behind it. line, column: in the statement, from 1, or None.

    printed: what DBMS_OUTPUT had taken before. understood: False where the lab, not Oracle, is at its end."""

    def __init__(self, code: int, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.line, self.column = code, message, line, column
        self.printed: list[str] = []
        self.understood = True
        self.why = ""


def error(code: int, *values: Any, at: tuple[int, int] | None = None) -> OracleError:
    """at: (line, column)."""
    return OracleError(code, f"ORA-{code:05}: {TEXTS[code].format(*values)}", *(at or (None, None)))


def not_understood(code: int, why: str, at: tuple[int, int] | None = None, *values: Any) -> OracleError:
    """The vendor's kind of error for something that the lab has not got; `why` goes to the lab's notes."""
    made = error(code, *values, at=at)
    made.understood, made.why = False, why
    return made
