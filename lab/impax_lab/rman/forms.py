# SPDX-License-Identifier: GPL-3.0-or-later
"""How RMAN writes: dates after NLS_DATE_FORMAT, sizes, messages in the client's language, error stacks.

NLS_DATE_FORMAT counts only beside an NLS_LANG (Globalization Support Guide, "NLS Parameters": without NLS_LANG no other NLS
setting of the environment is read). The time in RMAN-03002 and RMAN-03009 is always month/day/year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from impax_lab.engine.ora import dates
from impax_lab.engine.oracle import OracleError

DEFAULT_MODEL = "DD-MON-RR"
MODELS = {"GERMANY": "DD.MM.RR", "FRANCE": "DD/MM/RR", "UNITED KINGDOM": "DD-MON-RR", "CHINA": "DD-MON-RR"}
LINE = "RMAN-00571: ==========================================================="
TITLE = "RMAN-00569: =============== ERROR MESSAGE STACK FOLLOWS ==============="

# Every phrase as Oracle's own message files have it in these languages, as far as public output shows; the rest assumed.
GERMAN = {
    "Recovery Manager complete.": "Recovery Manager abgeschlossen.",
    "connected to target database: ": "Mit Ziel-Datenbank verbunden: ",
    "connected to target database (not started)": "Mit Ziel-Datenbank verbunden (nicht gestartet)",
    "using target database control file instead of recovery catalog":
        "Kontrolldatei der Zieldatenbank wird anstelle des Recovery-Katalogs verwendet",
    "specification does not match any backup in the repository":
        "Spezifikation entspricht keinem Backup im Repository",
    "List of Backup Sets": "Liste mit Backup Sets",
    "List of Backups": "Liste mit Backups",
    "List of Backup Pieces": "Liste von Backup Pieces",
    "Do you really want to delete the above objects (enter YES or NO)? ":
        "Möchten Sie die obigen Objekte wirklich löschen (JA oder NEIN eingeben)? ",
    "deleted backup piece": "Backup Piece gelöscht",
    "Starting backup at": "Starten backup um",
    "Finished backup at": "Beendet backup um",
    "ERROR MESSAGE STACK FOLLOWS": "FEHLERMELDUNGSSTAPEL FOLGT",
    "error from target database": "Fehler von Zieldatenbank",
    "initialization of internal recovery manager package failed":
        "Initialisierung des internen Recovery Manager Packages nicht erfolgreich",
    "insufficient privileges": "Nicht ausreichende Berechtigungen",
    "backup set not found": "Backup Set nicht gefunden",
    "error while looking up backup set": "Fehler beim Suchen des Backup Sets",
    "no obsolete backups found": "keine obsoleten Backups gefunden",
    "validation complete, elapsed time": "Validierung abgeschlossen, abgelaufene Zeit",
    "allocated channel": "zugewiesener Kanal",
    "using channel": "Kanal wird verwendet",
}  # fmt: skip
CHINESE = {
    "Recovery Manager: ": "恢复管理器: ",
    "Recovery Manager complete.": "恢复管理器完成。",
    "connected to target database: ": "已连接到目标数据库: ",
    "using target database control file instead of recovery catalog": "使用目标数据库控制文件替代恢复目录",
    "specification does not match any backup in the repository": "说明与资料档案库中的任何备份都不匹配",
    "List of Backup Sets": "备份集列表",
    "Do you really want to delete the above objects (enter YES or NO)? ": "是否确定要删除以上对象 (输入 YES 或 NO)? ",
}
LANGUAGES = {"GERMAN": GERMAN, "SIMPLIFIED CHINESE": CHINESE}
YES = {"YES", "Y", "JA", "J"}  # assumed: a German RMAN takes the English answer, too
NO = {"NO", "N", "NEIN"}


def language(env: Mapping[str, str]) -> Mapping[str, str]:
    """The phrases of the client's language; none for English and for what the lab does not speak."""
    return LANGUAGES.get(env.get("NLS_LANG", "").partition("_")[0].strip().upper(), {})


def date_model(env: Mapping[str, str]) -> str:
    """The format model that dates follow."""
    lang = env.get("NLS_LANG", "")
    if not lang:
        return DEFAULT_MODEL
    territory = lang.partition("_")[2].partition(".")[0].strip().upper()
    return env.get("NLS_DATE_FORMAT") or MODELS.get(territory, DEFAULT_MODEL)


def date(at: float, model: str) -> str:
    try:
        return dates.to_char(datetime.fromtimestamp(at), model)
    except OracleError:
        return dates.to_char(datetime.fromtimestamp(at), DEFAULT_MODEL)


def size(bytes_: int) -> str:
    """``48.14M``, ``3.00K``; bytes below 1024."""
    for unit, power in (("T", 40), ("G", 30), ("M", 20), ("K", 10)):
        if bytes_ >= 1 << power:
            return f"{bytes_ / (1 << power):.2f}{unit}"
    return str(bytes_)


def elapsed(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}"


def moment(at: float) -> str:
    """As in an error stack."""
    return datetime.fromtimestamp(at).strftime("%m/%d/%Y %H:%M:%S")


def stack(lines: Sequence[str]) -> str:
    return "\n".join((LINE, TITLE, LINE, *lines)) + "\n"


class RmanError(Exception):
    """A command that fails. lines: of its error stack, codes first."""

    def __init__(self, *lines: str) -> None:
        super().__init__(lines[0])
        self.lines = lines


def old(text: str) -> str:
    """The wording of release 10 for that of 11."""
    for new, former in RELEASE_10:
        text = text.replace(new, former)
    return text


RELEASE_10 = (
    ("SID=", "sid="), (" device type=", " devtype="), ("datafile backup set", "datafile backupset"),
    ("archived log backup set", "archive log backupset"), ("in backup set\n", "in backupset\n"),
    ("input datafile file number=", "input datafile fno="), ("specifying archived log(s)", "specifying archive log(s)"),
    ("input archived log thread=", "input archive log thread="), (" RECID=", " recid="), (" STAMP=", " stamp="),
    ("current control file in", "current controlfile in"),
)  # fmt: skip
