# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of SQL Server. Texts: sysmessages of SQL Server 2000 and 2005, as Books Online lists them.

What an error ends (the statement, the batch, the batch and the transaction) is `assumed` from general knowledge where
Books Online is silent.
"""

from __future__ import annotations

from typing import Any

from impax_lab.engine.ms import backup_errors

# number: (level, state, text); {0} ... are put in
MESSAGES: dict[int, tuple[int, int, str]] = {
    102: (15, 1, "Incorrect syntax near '{0}'."),
    103: (15, 1, "The {0} that starts with '{1}' is too long. Maximum length is 128."),
    105: (15, 1, "Unclosed quotation mark after the character string '{0}'."),
    104: (15, 1, "ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator."),
    108: (15, 1, "The ORDER BY position number {0} is out of range of the number of items in the select list."),
    109: (15, 1, "There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the"
          " VALUES clause must match the number of columns specified in the INSERT statement."),
    110: (15, 1, "There are fewer columns in the INSERT statement than values specified in the VALUES clause. The number of values in"
          " the VALUES clause must match the number of columns specified in the INSERT statement."),
    116: (16, 1, "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS."),
    120: (15, 1, "The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must"
          " match the number of INSERT columns."),
    121: (15, 1, "The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must"
          " match the number of INSERT columns."),
    128: (15, 1, 'The name "{0}" is not permitted in this context. Valid expressions are constants, constant expressions, and (in some'
          ' contexts) variables. Column names are not permitted.'),
    134: (15, 2, "The variable name '{0}' has already been declared. Variable names must be unique within a query batch or stored"
          " procedure."),
    133: (15, 1, "A GOTO statement references the label '{0}' but the label has not been declared."),
    135: (15, 1, "Cannot use a BREAK statement outside the scope of a WHILE statement."),
    137: (15, 2, 'Must declare the scalar variable "{0}".'),
    139: (15, 1, "Cannot assign a default value to a local variable."),
    141: (15, 1, "A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations."),
    145: (15, 1, "ORDER BY items must appear in the select list if SELECT DISTINCT is specified."),
    147: (15, 1, "An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select"
          " list, and the column being aggregated is an outer reference."),
    148: (15, 1, "Incorrect time syntax in time string '{0}' used with WAITFOR."),
    155: (15, 1, "'{0}' is not a recognized {1} option."),
    156: (15, 1, "Incorrect syntax near the keyword '{0}'."),
    170: (15, 1, "Line {1}: Incorrect syntax near '{0}'."),
    174: (15, 1, "The {0} function requires {1} argument(s)."),
    195: (15, 10, "'{0}' is not a recognized {1} name."),
    201: (16, 4, "Procedure or function '{0}' expects parameter '{1}', which was not supplied."),
    205: (16, 1, "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their"
          " target lists."),
    206: (16, 2, "Operand type clash: {0} is incompatible with {1}"),
    207: (16, 1, "Invalid column name '{0}'."),
    208: (16, 1, "Invalid object name '{0}'."),
    209: (16, 1, "Ambiguous column name '{0}'."),
    213: (16, 1, "Insert Error: Column name or number of supplied values does not match table definition."),
    214: (16, 2, "Procedure expects parameter '{0}' of type 'ntext/nchar/nvarchar'."),
    217: (16, 1, "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32)."),
    220: (16, 2, "Arithmetic overflow error for data type {0}, value = {1}."),
    229: (14, 5, "The {0} permission was denied on the object '{1}', database '{2}', schema 'dbo'."),
    232: (16, 3, "Arithmetic overflow error for type {0}, value = {1}."),
    235: (16, 0, "Cannot convert a char value to money. The char value has incorrect syntax."),
    241: (16, 1, "Conversion failed when converting datetime from character string."),
    242: (16, 3, "The conversion of a char data type to a datetime data type resulted in an out-of-range datetime value."),
    245: (16, 1, "Conversion failed when converting the {0} value '{1}' to data type {2}."),
    248: (16, 1, "The conversion of the {0} value '{1}' overflowed an int column. Maximum integer value exceeded."),
    259: (16, 1, "Ad hoc updates to system catalogs are not allowed."),
    257: (16, 3, "Implicit conversion from data type {0} to {1} is not allowed. Use the CONVERT function to run this query."),
    262: (14, 1, "CREATE DATABASE permission denied in database 'master'."),
    264: (16, 1, "The column name '{0}' is specified more than once in the SET clause. A column cannot be assigned more than one value"
          " in the same SET clause."),
    271: (16, 1, 'The column "{0}" cannot be modified because it is either a computed column or is the result of a UNION operator.'),
    272: (16, 1, "Cannot update a timestamp column."),
    273: (16, 1, "Cannot insert an explicit value into a timestamp column. Use INSERT with a column list to exclude the timestamp column,"
          " or insert a DEFAULT into the timestamp column."),
    281: (16, 1, "{0} is not a valid style number when converting from {1} to a character string."),
    306: (16, 2, "The text, ntext, and image data types cannot be compared or sorted, except when using IS NULL or LIKE operator."),
    402: (16, 1, "The data types {0} and {1} are incompatible in the {2} operator."),
    468: (16, 9, 'Cannot resolve the collation conflict between "{0}" and "{1}" in the {2} operation.'),
    448: (16, 1, "Invalid collation '{0}'."),
    512: (16, 1, "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the"
          " subquery is used as an expression."),
    515: (16, 2, "Cannot insert the value NULL into column '{0}', table '{1}'; column does not allow nulls. {2} fails."),
    529: (16, 1, "Explicit conversion from data type {0} to {1} is not allowed."),
    535: (16, 0, "Difference of two datetime columns caused overflow at runtime."),
    544: (16, 1, "Cannot insert explicit value for identity column in table '{0}' when IDENTITY_INSERT is set to OFF."),
    545: (16, 1, "Explicit value must be specified for identity column in table '{0}' either when IDENTITY_INSERT is set to ON or when a"
          " replication user is inserting into a NOT FOR REPLICATION identity column."),
    547: (16, 0, 'The {0} statement conflicted with the {1} constraint "{2}". The conflict occurred in database "{3}", table "{4}",'
          " column '{5}'."),
    628: (16, 0, "Cannot issue SAVE TRANSACTION when there is no active transaction."),
    911: (16, 1, "Could not locate entry in sysdatabases for database '{0}'. No entry found with that name. Make sure that the name is"
          " entered correctly."),
    916: (14, 1, 'The server principal "{0}" is not able to access the database "{1}" under the current security context.'),
    1001: (15, 1, "Line {0}: Length or precision specification {1} is invalid."),
    1007: (15, 1, "The number '{0}' is out of the range for numeric representation (maximum precision 38)."),
    1011: (15, 1, "The correlation name '{0}' is specified multiple times in a FROM clause."),
    1013: (16, 1, "Tables or functions '{0}' and '{0}' have the same exposed names. Use correlation names to distinguish them."),
    1038: (15, 1, "An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other"
           " statements, look for empty alias names. Aliases defined as \"\" or [] are not allowed. Add a name or single space as the"
           " alias name."),
    1033: (15, 1, "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions,"
           " unless TOP or FOR XML is also specified."),
    1105: (17, 2, "Could not allocate space for object '{0}' in database '{1}' because the 'PRIMARY' filegroup is full. Create disk space"
           " by deleting unneeded files, dropping objects in the filegroup, adding additional files to the filegroup, or setting autogrowth"
           " on for existing files in the filegroup."),
    9002: (17, 2, "The transaction log for database '{0}' is full. To find out why space in the log cannot be reused, see the"
           " log_reuse_wait_desc column in sys.databases"),
    1205: (13, 45, "Transaction (Process ID {0}) was deadlocked on lock resources with another process and has been chosen as the deadlock"
           " victim. Rerun the transaction."),
    1222: (16, 51, "Lock request time out period exceeded."),
    1505: (16, 1, "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '{0}' and the index"
           " name '{1}'."),
    1750: (10, 0, "Could not create constraint. See previous errors."),
    1769: (16, 1, "Foreign key '{0}' references invalid column '{1}' in referencing table '{2}'."),
    1776: (16, 0, "There are no primary or candidate keys in the referenced table '{0}' that match the referencing column list in the"
           " foreign key '{1}'."),
    1767: (16, 0, "Foreign key '{0}' references invalid table '{1}'."),
    1801: (16, 3, "Database '{0}' already exists. Choose a different database name."),
    1802: (16, 4, "CREATE DATABASE failed. Some file names listed could not be created. Check related errors."),
    1827: (16, 2, "The specified size {0} of file '{1}' is greater than its MAXSIZE."),
    1829: (16, 4, "The FOR ATTACH option requires that at least the primary file be specified."),
    1834: (16, 1, "The file '{0}' cannot be overwritten.  It is being used by database '{1}'."),
    1803: (16, 1, "The CREATE DATABASE statement failed. The primary file must be at least {0} MB to accommodate a copy of the model"
           " database."),
    1828: (16, 3, "The logical file name \"{0}\" is already in use. Choose a different name."),
    2601: (14, 1, "Cannot insert duplicate key row in object '{0}' with unique index '{1}'."),
    2627: (14, 1, "Violation of {0} constraint '{1}'. Cannot insert duplicate key in object '{2}'."),
    2705: (16, 3, "Column names in each table must be unique. Column name '{0}' in table '{1}' is specified more than once."),
    2714: (16, 6, "There is already an object named '{0}' in the database."),
    2715: (16, 6, "Column, parameter, or variable #{0}: Cannot find data type {1}."),
    2716: (16, 1, "Column, parameter, or variable #{0}: Cannot specify a column width on data type {1}."),
    2717: (15, 2, "The size ({0}) given to the {1} '{2}' exceeds the maximum allowed ({3})."),
    2738: (16, 2, "A table can only have one timestamp column. Because table '{0}' already has one, the column '{1}' cannot be added."),
    2744: (16, 2, "Multiple identity columns specified for table '{0}'. Only one identity column per table is allowed."),
    2749: (16, 2, "Identity column '{0}' must be of data type int, bigint, smallint, tinyint, or decimal or numeric with a scale of 0, and"
           " constrained to be nonnullable."),
    2760: (16, 1, 'The specified schema name "{0}" either does not exist or you do not have permission to use it.'),
    2812: (16, 62, "Could not find stored procedure '{0}'."),
    3609: (16, 1, "The transaction ended in the trigger. The batch has been aborted."),
    3621: (0, 0, "The statement has been terminated."),
    3701: (11, 5, "Cannot drop the {0} '{1}', because it does not exist or you do not have permission."),
    3702: (16, 4, 'Cannot drop database "{0}" because it is currently in use.'),
    3708: (16, 1, "Cannot drop the database '{0}' because it is a system database."),
    3726: (16, 1, "Could not drop object '{0}' because it is referenced by a FOREIGN KEY constraint."),
    3728: (16, 1, "'{0}' is not a constraint."),
    3727: (16, 0, "Could not drop constraint. See previous errors."),
    3902: (16, 1, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION."),
    3903: (16, 1, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION."),
    3930: (16, 1, "The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the"
           " transaction."),
    3998: (16, 1, "Uncommittable transaction is detected at the end of the batch. The transaction is rolled back."),
    4060: (11, 1, 'Cannot open database "{0}" requested by the login. The login failed.'),
    4104: (16, 1, 'The multi-part identifier "{0}" could not be bound.'),
    107: (15, 1, "The column prefix '{0}' does not match with a table name or alias name used in the query."),
    4145: (15, 1, "An expression of non-boolean type specified in a context where a condition is expected, near '{0}'."),
    4701: (16, 1, 'Cannot find the object "{0}" because it does not exist or you do not have permissions.'),
    4712: (16, 1, "Cannot truncate table '{0}' because it is being referenced by a FOREIGN KEY constraint."),
    4902: (16, 1, 'Cannot find the object "{0}" because it does not exist or you do not have permissions.'),
    4924: (16, 1, "ALTER TABLE DROP COLUMN failed because column '{0}' does not exist in table '{1}'."),
    5011: (14, 5, "User does not have permission to alter database '{0}' or the database does not exist."),
    5069: (16, 1, "ALTER DATABASE statement failed."),
    5105: (16, 2, "A file activation error occurred. The physical file name '{0}' may be incorrect. Diagnose and correct additional errors,"
           " and retry the operation."),
    5123: (16, 1, "CREATE FILE encountered operating system error {0} while attempting to open or create the physical file '{1}'."),
    5133: (16, 1, "Directory lookup for the file \"{0}\" failed with the operating system error 2(The system cannot find the file"
           " specified.)."),
    5149: (16, 1, "MODIFY FILE encountered operating system error {0} while attempting to expand the physical file '{1}'."),
    5170: (16, 1, "Cannot create file '{0}' because it already exists. Change the file path or the file name, and retry the operation."),
    8101: (16, 1, "An explicit value for the identity column in table '{0}' can only be specified when a column list is used and"
           " IDENTITY_INSERT is ON."),
    8102: (16, 1, "Cannot update identity column '{0}'."),
    8106: (16, 1, "Table '{0}' does not have the identity property. Cannot perform SET operation."),
    8107: (16, 1, "IDENTITY_INSERT is already ON for table '{0}'. Cannot perform SET operation for table '{1}'."),
    8108: (16, 1, "Cannot add identity column, using the SELECT INTO statement, to table '{0}', which already has column '{1}' that"
           " inherits the identity property."),
    8110: (16, 0, "Cannot add multiple PRIMARY KEY constraints to table '{0}'."),
    8111: (16, 1, "Cannot define PRIMARY KEY constraint on nullable column in table '{0}'."),
    8114: (16, 5, "Error converting data type {0} to {1}."),
    8115: (16, 2, "Arithmetic overflow error converting {0} to data type {1}."),
    8116: (16, 1, "Argument data type {0} is invalid for argument {1} of {2} function."),
    8117: (16, 1, "Operand data type {0} is invalid for {1} operator."),
    8118: (16, 1, "Column '{0}' is invalid in the select list because it is not contained in an aggregate function and there is no GROUP BY"
           " clause."),
    8120: (16, 1, "Column '{0}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY"
           " clause."),
    8134: (16, 1, "Divide by zero error encountered."),
    8144: (16, 2, "Procedure or function {0} has too many arguments specified."),
    8145: (16, 2, "{0} is not a parameter for procedure {1}."),
    8152: (16, 14, "String or binary data would be truncated."),
    8153: (0, 1, "Warning: Null value is eliminated by an aggregate or other SET operation."),
    8155: (16, 2, "No column was specified for column {0} of '{1}'."),
    8169: (16, 2, "Conversion failed when converting from a character string to uniqueidentifier."),
    8178: (16, 1, "The parameterized query '{0}' expects the parameter '{1}', which was not supplied."),
    14262: (16, 1, "The specified {0} ('{1}') does not exist."),
    15009: (16, 1, "The object '{0}' does not exist in database '{1}' or is invalid for this operation."),
    15010: (16, 1, "The database '{0}' does not exist. Supply a valid database name. To see available databases, use sys.databases."),
    15250: (16, 1, "The database name component of the object qualifier must be the name of the current database."),
    18456: (14, 1, "Login failed for user '{0}'."),
    18486: (14, 1, "Login failed for user '{0}' because the account is currently locked out. The system administrator can unlock it."),
    50000: (16, 1, "{0}"),
    2754: (16, 1, "Error severity levels greater than 18 can only be specified by members of the sysadmin role, using the WITH LOG"
           " option."),
    2787: (16, 1, "Invalid format specification: '{0}'."),
    2786: (16, 1, "The data type of substitution parameter {0} does not match the expected type of the format specification."),
    8724: (16, 1, "Cannot execute query because of table hints."),
    321: (15, 1, '"{0}" is not a recognized table hints option. If it is intended as a parameter to a table-valued function, ensure that'
          ' your database compatibility mode is set to 90.'),
    574: (16, 0, "{0} statement not allowed within multi-statement transaction."),
    226: (16, 6, "{0} statement not allowed within multi-statement transaction."),
    **backup_errors.MESSAGES,
}  # fmt: skip
OLD_TEXTS = {  # SQL Server 2000
    105: "Unclosed quotation mark before the character string '{0}'.",
    137: "Must declare the variable '{0}'.",
    241: "Syntax error converting datetime from character string.",
    245: "Syntax error converting the {0} value '{1}' to a column of data type {2}.",
    911: "Could not locate entry in sysdatabases for database '{0}'. No entry found with that name. Make sure that the name is entered"
         " correctly.",
    4701: "Cannot truncate table '{0}', because this table does not exist in the database.",
    4712: "Cannot truncate table '{0}' because it is being referenced by a FOREIGN KEY constraint.",
    3701: "Cannot drop the {0} '{1}', because it does not exist in the system catalog.",
    195: "'{0}' is not a recognized {1} name.",
    1801: "Database '{0}' already exists.",
    3702: "Cannot drop the database '{0}' because it is currently in use.",
    15009: "The object '{0}' does not exist in database '{1}'.",
    547: "{0} statement conflicted with {1} constraint '{2}'. The conflict occurred in database '{3}', table '{4}', column '{5}'.",
    **backup_errors.OLD_TEXTS,
}  # fmt: skip
ENDS_BATCH_AND_TRANSACTION = {
    1205,
    241,
    242,
    245,
    248,
    235,
    8114,
    8169,
    529,
    3930,
}  # conversion errors, the deadlock's victim
ENDS_BATCH = {208, 207, 209, 137, 2714, 4104, 107, 8120, 8118, 116, 206, 306, 402, 468, 195, 174, 911}
TERMINATED = {
    220,
    232,
    515,
    547,
    544,
    545,
    8115,
    8134,
    8152,
    2601,
    2627,
    512,
    8101,
    1105,
    9002,
}  # 3621 is told behind these


class SqlError(Exception):
    """number, level, state, text: as the client gets them; line: None until it is known. understood: False where the lab,
    not the server, is at its end. more: messages told before it."""

    def __init__(self, number: int, level: int, state: int, text: str, line: int | None = None) -> None:
        super().__init__(f"Msg {number}: {text}")
        self.number, self.level, self.state, self.text, self.line = number, level, state, text, line
        self.procedure = ""
        self.understood = True
        self.why = ""
        self.offset: int | None = None


def error(number: int, *values: Any, line: int | None = None, state: int | None = None, old: bool = False) -> SqlError:
    """old: in the words of SQL Server 2000."""
    level, known_state, text = MESSAGES[number]
    text = OLD_TEXTS.get(number, text) if old else text
    return SqlError(number, level, known_state if state is None else state, text.format(*values), line)


def not_understood(number: int, why: str, *values: Any, line: int | None = None, old: bool = False) -> SqlError:
    """The vendor's kind of error for something that the lab has not got; `why` goes to the lab's notes."""
    made = error(number, *values, line=line, old=old)
    made.understood, made.why = False, why
    return made
