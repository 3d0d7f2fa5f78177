# SPDX-License-Identifier: GPL-3.0-or-later
"""The shells of a Unix station: read what they are told, then let the real one run it."""

from __future__ import annotations

import os
import select
import shlex
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from impax_lab import calls
from impax_lab.unix import bourne as bourne_text
from impax_lab.unix import csh as csh_text
from impax_lab.unix import root
from impax_lab.unix.relay import UnixCall

PAUSE = 0.2  # seconds without a byte after which a script that has not ended is taken for a dialogue
REFUSED = 2


def bourne(call: UnixCall) -> int:
    """/bin/sh, with or without ``-c TEXT``, a script file or a script on standard input."""
    text = _text_of(call)
    if text is not None:
        return REFUSED if _refused(call, text) else run_real(call, root.SHELL, call.words)
    if os.isatty(call.streams[0]):
        return run_real(call, root.SHELL, call.words)
    return _script_on_stdin(call)


def csh(call: UnixCall) -> int:
    """/bin/csh -c TEXT: .cshrc, then one plain command."""
    rc = call.path(call.env.get("HOME", "/") + "/.cshrc")
    try:
        settings, printed = csh_text.startup(rc.read_text(encoding="utf-8") if rc.exists() else "")
        call.out(printed)
        if len(call.words) != 3 or call.words[1] != "-c":
            raise csh_text.NotPlain("only csh -c COMMAND")
        words = csh_text.plain_words(call.words[2])
    except csh_text.NotPlain as error:
        call.err(f"impax-lab: csh: {error}: this stand-in for csh takes one plain command\n")
        return REFUSED
    text = "".join(f"{name}={shlex.quote(value)}; export {name}; " for name, value in settings.items())
    return run_real(call, root.SHELL, ["csh", "-c", f'{text}exec "$@"', "csh", *words])


def run_real(call: UnixCall, path: str, words: list[str], stdin: int | None = None) -> int:
    """A real program in the station, its output through the faults when one keeps it back."""
    with ExitStack() as stack:
        streams = list(call.streams)
        if stdin is not None:
            streams[0] = stdin
        if call.held is not None:
            streams[1], streams[2] = (stack.enter_context(_kept(call, stream)) for stream in (1, 2))
        changed = streams if streams != call.streams else None
        return call.real(path, words, changed)


@contextmanager
def _kept(call: UnixCall, stream: int) -> Iterator[int]:
    """A descriptor whose bytes become the call's own output when the block ends."""
    reader, writer = os.pipe()

    def collect() -> None:
        while data := os.read(reader, 65536):
            call.out(data) if stream == 1 else call.err(data)

    thread = threading.Thread(target=collect, daemon=True)
    thread.start()
    try:
        yield writer
    finally:
        os.close(writer)
        thread.join()
        os.close(reader)


def _text_of(call: UnixCall) -> str | None:
    """The text that the shell is to run: of ``-c``, or of a script file; None: it comes by standard input."""
    rest = call.words[1:]
    while rest and rest[0][:1] in "-+" and len(rest[0]) > 1:
        option = rest.pop(0)
        if "c" in option[1:] and option[0] == "-":
            return rest[0] if rest else ""
        if option in ("-", "--"):
            break
    if not rest or "s" in "".join(word for word in call.words[1:] if word[:1] == "-"):
        return None
    script = call.path(rest[0])
    return script.read_text(encoding="utf-8", errors="replace") if script.is_file() else ""


def _refused(call: UnixCall, text: str) -> bool:
    """Say what of a text the Bourne shell would not understand; note programs that the station has not got."""
    _note_unknown(call, text)
    complaints = bourne_text.lint(text)
    for complaint in complaints:
        call.err(f"impax-lab: /bin/sh of Solaris 10: line {complaint.line}: {complaint.rule}: {complaint.excerpt}\n")
    if complaints:
        entry = {"program": "sh", "words": call.words, "user": call.user, "folder": call.cwd, "exit_code": REFUSED}
        rules = sorted({complaint.rule for complaint in complaints})
        calls.record(call.station.folder.calls, {"at": calls.now(), "seconds": 0, **entry, "refused": rules})
    return bool(complaints)


def _note_unknown(call: UnixCall, text: str) -> None:
    for name in bourne_text.programs(text):
        if _is_there(call, name):
            continue
        entry = {"program": Path(name).name, "words": [name], "user": call.user, "folder": call.cwd, "exit_code": 127}
        note = "named in a shell's text; the station has no such program"
        calls.record(
            call.station.folder.calls, {"at": calls.now(), "seconds": 0, **entry, "known": False, "note": note}
        )


def _is_there(call: UnixCall, name: str) -> bool:
    if "/" in name:
        return call.path(name).exists()
    return bool(call.station.programs.get(name))


def _script_on_stdin(call: UnixCall) -> int:
    """Read the script as far as it comes without a pause, judge it, feed it; the rest is judged as it comes."""
    reader, writer = os.pipe()
    feeder = _Feeder(call, writer)
    if not feeder.first():
        for handle in (reader, writer, feeder.source):
            os.close(handle)
        return REFUSED
    threading.Thread(target=feeder.rest, daemon=True).start()
    try:
        code = run_real(call, root.SHELL, call.words, stdin=reader)
    finally:
        os.close(reader)
    return REFUSED if feeder.refused else code


class _Feeder:
    """Hands a script on to the shell, judged."""

    def __init__(self, call: UnixCall, writer: int) -> None:
        self.call, self.writer, self.source = call, writer, os.dup(call.streams[0])
        self.seen, self.ended, self.refused = b"", False, False

    def first(self) -> bool:
        """Read until the end or a pause. False: the text is refused, nothing of it runs."""
        while not self.ended and (not self.seen or select.select([self.source], [], [], PAUSE)[0]):
            self._read()
        self.refused = _refused(self.call, self._script())
        return not self.refused

    def rest(self) -> None:
        """Feed what was read, then the rest of a dialogue."""
        try:
            self._write(self.seen)
            while not self.ended:
                part = self._read()
                self.refused = self.refused or bool(bourne_text.lint(self._script()))
                if self.refused:
                    _refused(self.call, self._script())
                    break
                self._write(part)
        except OSError:
            pass  # the shell has ended before its script
        finally:
            os.close(self.writer)
            os.close(self.source)

    def _read(self) -> bytes:
        part = os.read(self.source, 1 << 16)
        self.seen += part
        self.ended = not part
        return part

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self.writer, view) :]

    def _script(self) -> str:
        return self.seen.decode("utf-8", "replace")
