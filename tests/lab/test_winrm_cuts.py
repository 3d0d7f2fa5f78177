# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that is cut at each point of a command, by a proxy between the connection and the WinRM service."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import windows_jobs
from support import windows_site

pytestmark = [pytest.mark.lab]

SITE = {"name": "cuts", "stations": {"win": windows_site.station()}}


class Proxy:
    """Forwards HTTP requests; cuts at the one that holds `text` (the nth): its request, or only its answer, is lost."""

    def __init__(self, port: int) -> None:
        self.to, self.text, self.nth, self.lose = port, None, 1, "request"
        self.seen: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, text: str, lose: str, nth: int = 1) -> None:
        self.text, self.lose, self.nth = text.encode(), lose, nth

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        service = http.client.HTTPConnection("127.0.0.1", self.to, timeout=60)
        with contextlib.suppress(OSError, ValueError), client:
            stream = client.makefile("rb")
            while first := stream.readline():
                headers = http.client.parse_headers(stream)
                body = stream.read(int(headers["Content-Length"] or 0))
                self.seen.append(body)
                hit = self._hit(body)
                if hit and self.lose == "request":
                    return
                service.request("POST", first.split()[1].decode(), body, dict(headers.items()))
                answer = service.getresponse()
                data = answer.read()
                if hit:
                    return
                head = "".join(f"{name}: {value}\r\n" for name, value in answer.getheaders())
                client.sendall(f"HTTP/1.1 {answer.status} x\r\n{head}\r\n".encode() + data)

    def _hit(self, body: bytes) -> bool:
        if self.text is None or self.text not in body:
            return False
        self.nth -= 1
        return self.nth == 0


@pytest.fixture(scope="module")
def lab(lab_up, tmp_path_factory):
    return lab_up(tmp_path_factory.mktemp("cuts"), SITE)


@pytest.fixture
def proxy(lab):
    proxy = Proxy(lab.variables("win")["ansible_port"])
    yield proxy
    proxy.close()


@pytest.fixture
def through(lab, proxy):
    """A transport whose requests the proxy can read."""
    carrier = windows_site.carrier(lab.variables("win"), ansible_port=proxy.port, ansible_winrm_transport="basic")
    yield carrier
    carrier.connection.close()


@pytest.fixture
def besides(lab):
    """Another transport, past the proxy: a controller that was started again."""
    carrier = windows_site.carrier(lab.variables("win"))
    yield carrier
    carrier.connection.close()


def ran(lab, program: str) -> int:
    return len(lab.calls("win", program))


def test_cut_while_the_shell_is_opened(through, proxy, lab):
    proxy.cut("transfer/Create", "answer")
    before = ran(lab, "hostname")
    (outcome,) = through.run([Command(("hostname",))])
    assert outcome.state is State.NOT_BEGUN and ran(lab, "hostname") == before


@pytest.mark.parametrize(("lose", "times"), [("request", 0), ("answer", 1)])
def test_cut_as_the_command_is_handed_over(through, proxy, lab, lose, times):
    """Whether it was the request or the answer that was lost cannot be known here: unknown, and not sent again."""
    proxy.cut("shell/Command<", lose)
    before = ran(lab, "hostname")
    outcomes = through.run([Command(("hostname",)), Command(("hostname",), stdin="x")])
    assert [outcome.state for outcome in outcomes] == [State.UNKNOWN, State.NOT_BEGUN]
    time.sleep(1)
    assert ran(lab, "hostname") == before + times


def test_cut_while_the_input_is_sent(through, proxy):
    proxy.cut("shell/Send<", "request", nth=2)
    (outcome,) = through.run([Command(("findstr", "^"), stdin="x" * 200_000 + "\n")])
    assert outcome.state is State.UNKNOWN


def test_cut_while_the_command_runs(through, proxy):
    threading.Timer(2.0, proxy.cut, ("shell/Receive<", "answer")).start()
    wait = Command(("ping", "-n", "10", "127.0.0.1"))
    outcomes = through.run([Command(("hostname",)), wait, Command(("hostname",))])
    assert [outcome.state for outcome in outcomes] == [State.ENDED, State.UNKNOWN, State.UNKNOWN]
    assert outcomes[0].as_expected and outcomes[0].out


def test_cut_at_the_end_of_a_command(through, proxy, lab):
    proxy.cut("shell/Receive<", "answer")
    before = ran(lab, "hostname")
    (outcome,) = through.run([Command(("hostname",), stdin="x")])
    assert (outcome.state, outcome.exit_code) == (State.UNKNOWN, None)
    assert ran(lab, "hostname") == before + 1


def test_cut_after_the_end_of_a_command_changes_nothing(through, proxy):
    proxy.cut("shell/Signal<", "request")
    outcomes = through.run([Command(("hostname",))])
    assert outcomes[0].as_expected
    assert through.run([Command(("hostname",))])[0].as_expected


def test_after_a_cut_the_same_transport_can_be_used_again(through, proxy):
    proxy.cut("shell/Receive<", "answer")
    assert through.run([Command(("hostname",))])[0].state is State.UNKNOWN
    assert through.run([Command(("hostname",))])[0].as_expected


@pytest.mark.parametrize("behaviour", ["disconnect_before", "disconnect_after"])
def test_a_station_that_drops_the_connection_itself(besides, lab, behaviour):
    lab.inject("win", "hostname", behaviour, nth=1)
    outcomes = besides.run([Command(("whoami",)), Command(("hostname",)), Command(("whoami",))])
    assert [outcome.state for outcome in outcomes[1:]] == [State.UNKNOWN, State.UNKNOWN]
    assert besides.run([Command(("whoami",))])[0].as_expected


def test_what_an_ntlm_session_carries_cannot_be_read_on_the_way(lab, proxy):
    carrier = windows_site.carrier(lab.variables("win"), ansible_port=proxy.port)
    secret = Secret("CANARY-7c1", "password")
    (outcome,) = carrier.run([Command(("findstr", "^"), stdin=secret, environment={"IMPAX_PW": secret})])
    carrier.connection.close()
    assert outcome.out == "CANARY-7c1\n"
    assert proxy.seen and not any(b"CANARY" in body or b"<env:Envelope" in body for body in proxy.seen)


# Detached jobs


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(windows_jobs, "BEGINS_WITHIN", 3.0)


def test_a_start_whose_answer_was_lost_is_found_again(through, proxy, besides, lab):
    before = ran(lab, "hostname")
    proxy.cut("/run /tn", "answer")
    outcome = through.start_job("lost-answer", Command(("hostname",)))
    assert outcome.state is State.UNKNOWN
    until = time.monotonic() + 30
    while (job := besides.job("lost-answer")).state == "running" and time.monotonic() < until:
        time.sleep(0.5)
    assert (job.state, job.exit_code) == ("done", 0) and job.stdout.strip()
    assert besides.start_job("lost-answer", Command(("hostname",))).exit_code == windows_jobs.STARTED_BEFORE
    assert ran(lab, "hostname") == before + 1
    assert besides.forget_job("lost-answer").as_expected and besides.job("lost-answer").state == "none"


def test_a_start_whose_request_was_lost_is_kept_from_ever_beginning(through, proxy, besides, lab, soon):
    before = ran(lab, "hostname")
    proxy.cut("/run /tn", "request")
    assert through.start_job("lost-request", Command(("hostname",))).state is State.UNKNOWN
    job = besides.job("lost-request")
    assert job.state == "lost" and "never begun" in job.why
    besides.run([Command(("schtasks", "/run", "/tn", "impax-lost-request"))])
    time.sleep(2)
    assert ran(lab, "hostname") == before and besides.job("lost-request").state == "lost"
    assert besides.forget_job("lost-request").as_expected
    assert besides.start_job("lost-request", Command(("hostname",))).as_expected


@pytest.mark.parametrize("text", ["mkdir C:", "run.bat", "/create"])
def test_a_start_that_breaks_before_the_scheduler_was_asked_has_not_begun(through, proxy, besides, lab, soon, text):
    """Half a job is left: it never begins, and can be taken away."""
    before = ran(lab, "hostname")
    proxy.cut(text, "answer", nth=2 if text.startswith("mkdir") else 1)
    outcome = through.start_job("half", Command(("hostname",)))
    assert outcome.state is State.NOT_BEGUN, outcome
    assert besides.job("half").state in ("none", "lost")
    assert besides.forget_job("half").as_expected and besides.job("half").state == "none"
    assert ran(lab, "hostname") == before
