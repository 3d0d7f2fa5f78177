# SPDX-License-Identifier: GPL-3.0-or-later
"""A Solaris station through a real sshd: words, bytes and codes, accounts, detached work, power, faults."""

from __future__ import annotations

import json
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
USERS = {
    "root": {"uid": 0, "gid": 0, "group": "root", "home": "/", "shell": "/bin/sh"},
    "oracle": {"uid": 101, "gid": 101, "group": "dba", "home": "/export/home/oracle", "shell": "/bin/sh"},
    "mvf": {"uid": 102, "gid": 102, "group": "mvf", "home": "/export/home/mvf", "shell": "/bin/csh"},
    "service": {"uid": 103, "gid": 102, "group": "mvf", "home": "/export/home/service", "shell": "/bin/sh"},
}
SOLARIS = {"type": "as3000", "system": "unix", "release": "5.10", "users": USERS, "disks": {"/": 12000, "/backup": 100}}
SITE = {
    "name": "unix",
    "stations": {"sol": {**SOLARIS, "hostname": "sol9"}, "noisy": {**SOLARIS, "options": {"noisy_profile": True}}},
}


class Ssh:
    """Log-ons to a station by the system's own ssh client, each a connection of its own."""

    def __init__(self, lab, station: str) -> None:
        self.variables = lab.variables(station)

    def words(self, user: str) -> list[str]:
        v = self.variables
        key, port = v["ansible_ssh_private_key_file"], str(v["ansible_port"])
        options = [*shlex.split(v["ansible_ssh_common_args"]), "-oBatchMode=yes", "-i", key, "-p", port]
        return ["ssh", *options, f"{user}@{v['ansible_host']}"]

    def __call__(self, command: str, stdin: bytes = b"", user: str = "root") -> tuple[bytes, bytes, int]:
        words = [*self.words(user), command]
        ran = subprocess.run(words, input=stdin, capture_output=True, timeout=60, check=False)
        return ran.stdout, ran.stderr, ran.returncode


@pytest.fixture(scope="module")
def lab(lab_up, tmp_path_factory):
    return lab_up(tmp_path_factory.mktemp("unix"), SITE)


@pytest.fixture(scope="module")
def ssh(lab):
    return Ssh(lab, "sol")


@pytest.fixture
def script(ssh):
    """Run a script as the product does: on standard input of /bin/sh."""

    def run(text: str, user: str | None = None):
        return ssh(f"su - {user} -c /bin/sh" if user else "/bin/sh", text.encode())

    return run


def last(lab, program: str) -> dict:
    return [call for call in lab.calls("sol") if call["program"] == program][-1]


def station_process(lab, name: str) -> psutil.Process:
    return psutil.Process(json.loads((lab.state / "stations" / name / "run/process.json").read_text())["pid"])


# Words, bytes, codes -----------------------------------------------------------------------------------------------


def test_words_arrive_exactly(lab, script):
    words = ["", "a b", "x\ny", "'", '"', "\\", "$HOME", "`id`", "*", "^", "é한", "!", "-n", "\x07"]
    script("basename " + " ".join("'" + word.replace("'", "'\\''") + "'" for word in words))
    assert last(lab, "basename")["words"] == ["basename", *words]


def test_bytes_come_through_in_both_directions(ssh):
    data = bytes(range(256)) * 400
    assert ssh("cat", data) == (data, b"", 0)


def test_the_two_outputs_and_the_code_are_kept_apart(script):
    assert script("echo out; echo err >&2; exit 37") == (b"out\n", b"err\n", 37)


def test_a_program_leaves_the_rest_of_the_input_alone(ssh):
    assert ssh("(id; cat)", b"the rest\n")[0] == b"uid=0(root) gid=0(root)\nthe rest\n"


def test_a_signal_is_seen_by_the_shell(script):
    assert script("sh -c 'kill -9 $$'; echo $?")[0] == b"137\n"
    assert script("sleep 30 & kill -TERM $!; wait $!; echo $?")[0] == b"143\n"


def test_the_record_has_words_account_folder_and_code(lab, script):
    script("cd /tmp; A=secret; export A; ls /nope", "service")
    call = last(lab, "ls")
    assert (call["words"], call["user"], call["folder"], call["exit_code"]) == (["ls", "/nope"], "service", "/tmp", 1)
    assert "secret" not in json.dumps(call)


def test_the_log_ons_own_command_is_in_the_record(lab, ssh):
    ssh("echo typed-on-the-command-line")
    assert last(lab, "sh")["words"] == ["/bin/sh", "-c", "echo typed-on-the-command-line"]


# What is there and what is not --------------------------------------------------------------------------------------


def test_there_is_no_python_and_nothing_of_the_host(lab, script):
    out, err, _ = script("python3 -c 1; python -c 1; perl -e 1; ls /home /work; cat /etc/passwd")
    assert err.count(b"not found") == 3 and b"/work" not in out
    assert out.splitlines()[0] == b"root:x:0:0::/:/bin/sh"
    assert {call["words"][0] for call in lab.calls("sol") if call.get("known") is False} >= {
        "python3",
        "python",
        "perl",
    }


@pytest.mark.parametrize("user", ["root", "oracle", "mvf", "service"])
def test_each_account_has_its_number_its_home_and_its_log_on(ssh, user):
    home = USERS[user]["home"].encode()
    number = f"uid={USERS[user]['uid']}({user}) gid={USERS[user]['gid']}({USERS[user]['group']})\n".encode()
    assert ssh("id", user=user) == (number, b"", 0)
    assert (
        ssh("pwd", user=user)[0].strip() == home if user != "mvf" else ssh("/bin/sh", b"pwd", user)[0].strip() == home
    )


def test_su_takes_on_the_account_and_only_root_may(script):
    assert script("su - oracle -c id") == (b"uid=101(oracle) gid=101(dba)\n", b"", 0)
    assert script("su - oracle -c id", "service") == (b"", b"su: Sorry\n", 1)
    assert script("su - nobody -c id") == (b"", b"su: Unknown id: nobody\n", 1)
    assert (
        script("echo $HOME $LOGNAME $ORACLE_SID; pwd", "oracle")[0]
        == b"/export/home/oracle oracle\n/export/home/oracle\n"
    )


def test_solaris_forms(script):
    out = script("uname -snr; id -a; df -k /backup; who -b").__getitem__(0).decode().splitlines()
    assert out[0] == "SunOS sol9 5.10"
    assert out[1] == "uid=0(root) gid=0(root) groups=0(root)"
    assert out[2] == "Filesystem            kbytes    used   avail capacity  Mounted on"
    assert out[3].split()[3:] == ["102400", "60%", "/backup"]
    assert out[4].startswith("   .       system boot  ")
    assert script("digest -a sha1 /etc/release; cksum /etc/release")[2] == 0
    assert script("digest -a crc32 /etc/release")[2] == 1


def test_df_follows_the_files(lab, script):
    script("dd if=/dev/zero of=/backup/big bs=1048576 count=10 2>/dev/null")
    assert script("df -k /backup")[0].split()[-3] == b"92160"
    script("rm /backup/big")
    assert script("df -k /backup/nope") == (
        b"",
        b"df: (/backup/nope) not a block device, directory or mounted resource\n",
        1,
    )


# The shell ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["echo before; echo $(id)", "export A=b", "test -e /etc/passwd"])
def test_a_text_for_another_shell_fails_loudly_and_nothing_of_it_runs(lab, ssh, script, text):
    for out, err, code in (script(text), ssh(text), script(text, "service")):
        assert out == b"" and code == 2 and b"/bin/sh of Solaris 10" in err
    assert last(lab, "sh")["exit_code"] == 2


def test_a_script_file_is_read_too(script):
    assert script("cat >/tmp/job <<'E'\necho $(id)\nE\n/bin/sh /tmp/job")[2] == 2


def test_a_dialogue_is_possible_and_judged_as_it_goes(ssh):
    asked = subprocess.Popen(
        [*ssh.words("root"), "/bin/sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    asked.stdin.write(b"echo one\n")
    asked.stdin.flush()
    assert asked.stdout.readline() == b"one\n"
    asked.stdin.write(b"echo two $(id)\n")
    asked.stdin.close()
    assert asked.stdout.read() == b"" and b"$(...)" in asked.stderr.read()
    assert asked.wait(20) == 2


def test_csh_refuses_more_than_plain_words(ssh):
    assert ssh("/bin/sh", b"echo ok", "mvf") == (b"ok\n", b"", 0)
    out, err, code = ssh("/bin/sh 2>/dev/null", b"echo ok", "mvf")
    assert (out, code) == (b"", 2) and b"csh" in err


def test_a_noisy_profile_prints_before_everything(lab):
    noisy = Ssh(lab, "noisy")
    for user in ("service", "mvf"):
        out = noisy(f"su - {user} -c /bin/sh", b"echo ok")[0].splitlines()
        assert out[-1] == b"ok" and b"You have new mail." in out


# Time, detached work, power ----------------------------------------------------------------------------------------

DETACH = b"""mkdir /var/tmp/job && cat > /var/tmp/job/cmd <<'E'
sleep 4
echo done
E
nohup /bin/sh -c 'echo $$ > /var/tmp/job/pid; /bin/sh /var/tmp/job/cmd > /var/tmp/job/out; echo $? > /var/tmp/job/rc' \
  >/dev/null 2>&1 </dev/null &
while test ! -s /var/tmp/job/pid; do sleep 1; done
cat /var/tmp/job/pid
sleep 30
"""


def test_detached_work_outlives_its_log_on(lab, ssh):
    client = subprocess.Popen([*ssh.words("root"), "/bin/sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    client.stdin.write(DETACH)
    client.stdin.close()
    pid = int(client.stdout.readline())
    processes = station_process(lab, "sol").children(recursive=True)
    for server in [each for each in processes if each.name() == "sshd" and each.parent().name() == "sshd"]:
        server.kill()
    assert client.wait(10) == 255
    assert ssh(f"kill -0 {pid} && ps -p {pid} -o args=")[0].startswith(b"/bin/sh -c echo $$")
    until = time.monotonic() + 15
    while ssh("cat /var/tmp/job/rc")[0] != b"0\n":
        assert time.monotonic() < until
        time.sleep(0.3)
    assert ssh("cat /var/tmp/job/out")[0] == b"done\n"


def test_a_power_cut_ends_everything_and_the_files_stay(lab, ssh):
    ssh("nohup sleep 60 >/dev/null 2>&1 </dev/null & echo $! > /var/tmp/sleeper")
    assert lab("power", "sol", "off").strip() == "sol: off"
    assert ssh("true")[2] == 255
    assert not station_process(lab, "sol").children(recursive=True)
    assert lab("power", "sol", "on").strip() == "sol: on"
    out = ssh("kill -0 `cat /var/tmp/sleeper` 2>/dev/null; echo $?; ls /var/tmp/sleeper")[0]
    assert out == b"1\n/var/tmp/sleeper\n"


def test_killing_process_one_is_a_power_cut_too(lab, ssh):
    [outer] = [process for process in station_process(lab, "sol").children() if process.name() == "bwrap"]
    [first] = outer.children()
    first.kill()
    until = time.monotonic() + 10
    while ssh("true")[2] != 255:
        assert time.monotonic() < until
    lab("power", "sol", "on")
    assert ssh("echo back")[0] == b"back\n"


# Faults ------------------------------------------------------------------------------------------------------------


def test_faults_hit_programs_that_the_shell_itself_calls(lab, script):
    lab.inject("sol", "cat", "truncated_output", nth=2)
    out = script("cat /etc/passwd; cat /etc/passwd; cat /etc/passwd")[0]
    whole = len(script("cat /etc/passwd")[0])
    assert len(out) == 2 * whole + whole // 2
    lab.inject("sol", "ls", "exit_nonzero", nth=1)
    assert script("ls /etc/passwd; echo $?")[0] == b"/etc/passwd\n1\n"
    lab.inject("sol", "mkdir", "says_done_does_nothing", nth=1)
    assert script("mkdir /tmp/never; echo $?; ls -d /tmp/never")[0] == b"0\n"
    lab.inject("sol", "wc", "permission_denied", nth=1)
    assert script("wc /etc/passwd; echo $?") == (b"126\n", b"wc: Permission denied\n", 0)
    assert last(lab, "wc")["fault"] == "permission_denied"


def test_a_hang_ends_with_its_bound(lab, script):
    lab("inject", "sol", "sort", "hang", "--nth", "1", "--seconds", "1")
    began = time.monotonic()
    assert script("sort /etc/passwd; echo $?")[0] == b"1\n"
    assert time.monotonic() - began > 1


def test_killed(lab, script):
    lab.inject("sol", "cut", "killed", nth=1)
    assert script("cut -c1 /etc/passwd; echo $?")[0].endswith(b"137\n")


@pytest.mark.parametrize(("behaviour", "there"), [("disconnect_before", False), ("disconnect_after", True)])
def test_a_cut_connection(lab, ssh, behaviour, there):
    lab.inject("sol", "touch", behaviour, nth=1)
    text = f"echo begun; touch /tmp/{behaviour}; touch /tmp/{behaviour}2".encode()
    assert ssh("/bin/sh", text)[2] == 255
    time.sleep(0.5)
    assert (lab.root("sol") / f"tmp/{behaviour}").exists() is there
    assert (lab.root("sol") / f"tmp/{behaviour}2").exists() is there
    assert ssh("true")[2] == 0


def test_an_old_offer_is_refused_by_todays_defaults(lab_up, tmp_path_factory):
    folder = tmp_path_factory.mktemp("o d")
    lab = lab_up(folder, {"stations": {"old": {**SOLARIS, "options": {"old_ssh": True}}}})
    client = Ssh(lab, "old")
    assert client("echo ok") == (b"ok\n", b"", 0)
    client.variables["ansible_ssh_common_args"] = "-F none -oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null"
    _, err, code = client("echo ok")
    assert code == 255 and b"no matching" in err
    lab("down")


# Labs --------------------------------------------------------------------------------------------------------------


def test_labs_stand_side_by_side_and_leave_nothing(lab, ssh, lab_up, tmp_path_factory):
    other = lab_up(tmp_path_factory.mktemp("second"), {"stations": {"sol": SOLARIS}})
    process = station_process(other, "sol")
    family = [process, *process.children(recursive=True)]
    second = Ssh(other, "sol")
    second("echo second > /tmp/which")
    assert ssh("cat /tmp/which")[2] != 0
    other("down")
    assert psutil.wait_procs(family, 5)[1] == []
    assert second("true")[2] == 255
    assert (other.root("sol") / "tmp/which").read_text() == "second\n"
    assert other.calls("sol", "sh")
    assert json.loads(other("status", "--json"))["state"] == "down"
    assert "nothing was up" in other("down")


def test_keep_goes_on_where_it_stood(lab_up, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    kept = lab_up(folder, {"stations": {"sol": SOLARIS}})
    (kept.root("sol") / "tmp/mark").write_text("x")
    kept("down")
    kept("up", str(folder / "site-description.yml"), "--keep")
    assert Ssh(kept, "sol")("ls /tmp")[0] == b"mark\n"
    kept("down")
    kept("up", str(folder / "site-description.yml"))
    assert Ssh(kept, "sol")("ls /tmp")[0] == b""
    kept("down")


def test_errors_are_for_people(lab, tmp_path):
    for words, said in (
        (["up", "nowhere.yml"], "there is no file nowhere.yml"), (["calls", "x"], "no station 'x'"),
        (["inject", "sol", "ls", "melt"], "'melt' of ls"), (["sql", "sol", "select 1"], "station sol has no database"),
    ):  # fmt: skip
        ran = impax_lab(lab.state, *words)
        assert ran.returncode == 1 and said in ran.stderr and "Traceback" not in ran.stderr
    assert "there is no lab in" in impax_lab(tmp_path, "status").stderr
    assert "is up already" in impax_lab(lab.state, "up", "solaris").stderr


def impax_lab(state: Path, *words: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lab")}
    asked = [sys.executable, "-m", "impax_lab.cli", "--state", str(state), *words]
    return subprocess.run(asked, capture_output=True, text=True, check=False, env=environment, timeout=120)


@pytest.mark.skipif(os.getuid() != 0, reason="these tests run as an ordinary user already")
def test_an_ordinary_user_can_do_the_same():
    folder = Path(tempfile.mkdtemp(prefix="lab-ordinary-"))
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    reachable = Path(sys.executable).resolve().is_relative_to("/usr")
    python = sys.executable if reachable else "/usr/bin/python3"  # a Python under /root is for root alone
    become = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    paths = f"{ROOT / 'lab'}:{Path(yaml.__file__).parents[1]}"
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": paths, "HOME": str(folder)}
    lab = [*become, python, "-m", "impax_lab.cli", "--state", str(folder / "lab")]
    up = subprocess.run(
        [*lab, "up", "solaris"], capture_output=True, text=True, check=False, env=environment, cwd=folder
    )
    try:
        assert up.returncode == 0, up.stderr
        run = folder / "lab/stations/as3000/run"
        port = json.loads((run / "ready.json").read_text())["variables"]["ansible_port"]
        client = [*become, "ssh", "-F", "none", f"-oUserKnownHostsFile={run}/known_hosts", "-oBatchMode=yes", "-i",
                  str(folder / "lab/keys/id"), "-p", str(port), "root@127.0.0.1", "/bin/sh"]  # fmt: skip
        text = b"id; su - oracle -c id; exit 5"
        ran = subprocess.run(
            client, input=text, capture_output=True, env=environment, cwd=folder, timeout=60, check=False
        )
        assert (ran.stdout, ran.returncode) == (b"uid=0(root) gid=0(root)\nuid=101(oracle) gid=101(dba)\n", 5), (
            ran.stderr
        )
    finally:
        subprocess.run([*lab, "down"], capture_output=True, env=environment, cwd=folder, check=False)
        shutil.rmtree(folder)
