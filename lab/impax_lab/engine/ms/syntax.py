# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch of Transact-SQL as statements: where each begins and ends (nothing has to stand between them), what it is.

The whole batch is read before anything runs; a word that no statement begins with ends it (Msg 102, 156, 170), and is
noted. Queries and expressions are handed to sqlglot piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from impax_lab.engine.model import Type
from impax_lab.engine.ms import backup_words, types
from impax_lab.engine.ms.errors import SqlError, error
from impax_lab.engine.ms.pieces import KEYWORDS, STARTERS, Pieces, Statement
from impax_lab.engine.sql.tokens import Stop, Token


class Batch(Pieces):
    """A batch as statements."""

    def statements(self) -> list[Statement]:
        """Raises SqlError, of which the whole batch fails."""
        found: list[Statement] = []
        first = self.words.now
        try:
            if first is not None and first.kind in ("word", "quoted") and first.upper not in KEYWORDS | {"WITH"} and first.text[0] != "@" \
                    and self.words.peek(1) != ":":  # fmt: skip
                found.append(self._procedure(first.line))
            while not self._at_end():
                found.append(self.statement())
        except Stop as stop:
            raise self.wrong(stop.token) from stop
        return found

    # Statements -----------------------------------------------------------------------------------------------------

    def _at_end(self) -> bool:
        while self.words.take(";"):
            pass
        return self.words.now is None

    def statement(self) -> Statement:
        while self.words.take(";"):
            pass
        token = self.words.now
        if token is None:
            raise Stop(None, "statement")
        if self._is_label(token):
            self.words.at += 2
            return Statement("label", token.line, parts={"name": token.text.lower()})
        reader = READERS.get(token.upper)
        if reader is None or (token.upper == "WITH" and self.version < 9):
            if token.kind == "word" and token.upper in UNKNOWN:
                raise self.unknown(token, f"statement {token.upper}")
            raise self.wrong(token)
        return reader(self, token.line)

    def _query(self, line: int) -> Statement:
        start = self.words.at
        kind = self.words.peek().lower()
        if kind in ("insert", "update", "delete") and self.words.peek(1) == "TOP":
            raise self.unknown(self.words.tokens[start + 1], f"{kind} top")
        text = self._extent(start)
        self.parsed(text, self.words.tokens[start].start, True)
        return Statement("select" if kind == "with" else kind, line, text, {"start": self.words.tokens[start].start})

    # Flow -----------------------------------------------------------------------------------------------------------

    def _if(self, line: int) -> Statement:
        self.words.expect("IF")
        text, start = self.expression()
        made = Statement("if", line, text, {"start": start}, [self.statement()])
        mark = self.words.at
        while self.words.take(";"):
            pass
        if self.words.take("ELSE"):
            made.other = [self.statement()]
        else:
            self.words.at = mark
        return made

    def _while(self, line: int) -> Statement:
        self.words.expect("WHILE")
        text, start = self.expression()
        return Statement("while", line, text, {"start": start}, [self.statement()])

    def _begin(self, line: int) -> Statement:
        words = self.words
        words.expect("BEGIN")
        if words.one_of("TRAN", "TRANSACTION"):
            return Statement("begin tran", line, parts={"name": self._optional_name()})
        if words.is_next("TRY"):
            return self._try(line)
        if words.is_next("DISTRIBUTED"):
            raise self.unknown(words.next(), "BEGIN DISTRIBUTED TRANSACTION")
        return Statement("block", line, inner=self._until_end())

    def _until_end(self) -> list[Statement]:
        found = []
        while not self._at_end() and not self.words.is_next("END"):
            found.append(self.statement())
        self.words.expect("END")
        return found

    def _try(self, line: int) -> Statement:
        words = self.words
        if self.version < 9:
            raise self.wrong(words.now)
        words.expect("TRY")
        made = Statement("try", line, inner=self._until_end())
        words.expect("TRY")
        while words.take(";"):
            raise self.wrong(words.now)
        words.expect("BEGIN", "CATCH")
        made.other = self._until_end()
        words.expect("CATCH")
        return made

    def _word(self, line: int) -> Statement:
        return Statement(self.words.next().text.lower(), line)

    def _goto(self, line: int) -> Statement:
        self.words.expect("GOTO")
        return Statement("goto", line, parts={"name": self.words.name_token().text.lower()})

    def _return(self, line: int) -> Statement:
        self.words.expect("RETURN")
        token = self.words.now
        if token is None or token.upper in STARTERS or token.text == ";":
            return Statement("return", line)
        text, start = self.expression()
        return Statement("return", line, text, {"start": start})

    def _waitfor(self, line: int) -> Statement:
        self.words.expect("WAITFOR", "DELAY")
        return Statement("waitfor", line, parts={"delay": self.words.string()})

    # Transactions ---------------------------------------------------------------------------------------------------

    def _optional_name(self) -> str:
        token = self.words.now
        if token is not None and token.kind in ("word", "quoted") and token.upper not in KEYWORDS:
            return self.words.next().name
        return ""

    def _commit(self, line: int) -> Statement:
        kind = self.words.next().text.lower()
        name = ""
        if self.words.one_of("TRAN", "TRANSACTION"):
            name = self._optional_name()
        elif self.words.now is not None and self.words.now.text.upper() == "WORK":
            self.words.next()
        return Statement(kind, line, parts={"name": name})

    def _save(self, line: int) -> Statement:
        self.words.expect("SAVE")
        if not self.words.one_of("TRAN", "TRANSACTION"):
            raise Stop(self.words.now)
        return Statement("save", line, parts={"name": self.words.name_token().name})

    # Variables, messages, settings ----------------------------------------------------------------------------------

    def _declare(self, line: int) -> Statement:
        self.words.expect("DECLARE")
        found = []
        while True:
            found.append(self._declared(line))
            if not self.words.take(","):
                break
        return Statement("declare", line, parts={"variables": found})

    def _declared(self, line: int) -> tuple[str, Type, tuple[str, int] | None]:
        token = self.words.name_token()
        if token.text[0] != "@" or token.text.startswith("@@"):
            raise Stop(token)
        self.words.take("AS")
        if self.words.is_next("CURSOR") or self.words.is_next("TABLE"):
            raise self.unknown(self.words.next(), "DECLARE of a cursor or table")
        kind = types.read_type(self.words, 1, self.version)
        value = None
        if self.words.is_next("="):
            if self.version < 10:
                raise error(139, line=line)
            self.words.expect("=")
            value = self.expression(",")
        return token.text.lower(), kind, value

    def _set(self, line: int) -> Statement:
        self.words.expect("SET")
        token = self.words.next()
        if token.text[0] == "@":
            self.words.expect("=")
            text, start = self.expression()
            return Statement("set variable", line, text, {"name": token.text.lower(), "start": start})
        if token.kind != "word":
            raise Stop(token)
        return self._setting(line, token)

    def _setting(self, line: int, token: Token) -> Statement:
        words, name = self.words, token.text.lower()
        if name == "transaction":
            words.expect("ISOLATION", "LEVEL")
            level = words.next().text.lower()
            if level in ("read", "repeatable"):
                level += f" {words.next().text.lower()}"
            return Statement("set", line, parts={"names": ["isolation"], "value": level})
        if name == "identity_insert":
            table = self.name()
            return Statement("set", line, parts={"names": [name], "table": table, "value": self._on_off()})
        names = [name]
        while words.take(","):
            names.append(words.name_token().text.lower())
        if name in ON_OFF:
            return Statement("set", line, parts={"names": names, "value": self._on_off()})
        if name in VALUED:
            sign = "-" if words.take("-") else ""
            shown = words.next()
            value = shown.value if shown.kind == "string" else sign + shown.text
            return Statement("set", line, parts={"names": names, "value": value})
        raise self._unknown_setting(token)

    def _unknown_setting(self, token: Token) -> SqlError:
        made = error(195, token.text, "SET option", line=token.line)
        made.understood, made.why = False, f"SET {token.text}"
        return made

    def _on_off(self) -> bool:
        token = self.words.next()
        if token.text.upper() not in ("ON", "OFF"):
            raise Stop(token)
        return token.text.upper() == "ON"

    def _print(self, line: int) -> Statement:
        self.words.expect("PRINT")
        text, start = self.expression()
        return Statement("print", line, text, {"start": start})

    def _raiserror(self, line: int) -> Statement:
        self.words.expect("RAISERROR", "(")
        parts = [self.expression(",")]
        while self.words.take(","):
            parts.append(self.expression(","))
        self.words.expect(")")
        options = []
        if self.words.take("WITH"):
            options.append(self.words.next().text.lower())
            while self.words.take(","):
                options.append(self.words.next().text.lower())
        if len(parts) < 3:
            raise Stop(self.words.tokens[self.words.at - 1])
        return Statement("raiserror", line, parts={"parts": parts, "options": options})

    def _use(self, line: int) -> Statement:
        self.words.expect("USE")
        return Statement("use", line, parts={"name": self.words.name_token().name})

    # Procedures -----------------------------------------------------------------------------------------------------

    def _exec(self, line: int) -> Statement:
        self.words.next()
        if self.words.is_next("("):
            self.words.expect("(")
            text, start = self.expression()
            self.words.expect(")")
            return Statement("exec text", line, text, {"start": start})
        return self._procedure(line)

    def _procedure(self, line: int) -> Statement:
        """[@rc =] name [[@parameter =] value [OUTPUT], ...]"""
        words, result = self.words, ""
        if words.now is not None and words.now.text[0] == "@" and words.peek(1) == "=":
            result = words.next().text.lower()
            words.expect("=")
        name = self.name()
        given: list[tuple[str, str, bool]] = []
        while (token := words.now) is not None and token.upper not in STARTERS and token.text != ";":
            given.append(self._argument())
            if not words.take(","):
                break
        return Statement("exec", line, parts={"name": name, "arguments": given, "result": result})

    def _argument(self) -> tuple[str, str, bool]:
        """(parameter or "", value's text, OUTPUT). A bare word is a string."""
        words, parameter = self.words, ""
        if words.now is not None and words.now.text[0] == "@" and words.peek(1) == "=":
            parameter = words.next().text.lower()
            words.expect("=")
        sign = "-" if words.take("-") else ""
        token = words.next()
        if token.kind == "sign":
            raise Stop(token)
        bare = token.kind == "quoted" or (
            token.kind == "word" and token.text[0] != "@" and token.upper not in ("NULL", "DEFAULT")
        )
        text = "N'" + token.name.replace("'", "''") + "'" if bare else sign + token.text
        return parameter, text, bool(words.one_of("OUTPUT", "OUT"))

    # Names and definitions ------------------------------------------------------------------------------------------

    def _definition(self, line: int) -> Statement:
        from impax_lab.engine.ms import defining

        return defining.read(self, line)


Reader = Callable[[Batch, int], Statement]
ON_OFF = set(
    str.split(
        "nocount xact_abort ansi_nulls ansi_padding ansi_warnings arithabort concat_null_yields_null quoted_identifier"
        " numeric_roundabort ansi_null_dflt_on ansi_null_dflt_off ansi_defaults implicit_transactions arithignore cursor_close_on_commit"
        " noexec parseonly fmtonly"
    )
)
VALUED = {
    "lock_timeout",
    "rowcount",
    "textsize",
    "language",
    "dateformat",
    "datefirst",
    "deadlock_priority",
    "query_governor_cost_limit",
}
UNKNOWN = STARTERS | {"RECONFIGURE", "GO"}
READERS: dict[str, Reader] = {
    "SELECT": Batch._query, "INSERT": Batch._query, "UPDATE": Batch._query, "DELETE": Batch._query, "WITH": Batch._query,
    "IF": Batch._if, "WHILE": Batch._while, "BEGIN": Batch._begin, "BREAK": Batch._word, "CONTINUE": Batch._word,
    "GOTO": Batch._goto, "RETURN": Batch._return, "WAITFOR": Batch._waitfor, "COMMIT": Batch._commit, "ROLLBACK": Batch._commit,
    "SAVE": Batch._save, "DECLARE": Batch._declare, "SET": Batch._set, "PRINT": Batch._print, "RAISERROR": Batch._raiserror,
    "USE": Batch._use, "EXEC": Batch._exec, "EXECUTE": Batch._exec, "CREATE": Batch._definition, "ALTER": Batch._definition,
    "DROP": Batch._definition, "TRUNCATE": Batch._definition, "CHECKPOINT": Batch._word,
    "BACKUP": backup_words.backup, "RESTORE": backup_words.restore,
}  # fmt: skip


def read(text: str, version: int) -> Sequence[Statement]:
    """Raises SqlError."""
    return Batch(text, version).statements()
