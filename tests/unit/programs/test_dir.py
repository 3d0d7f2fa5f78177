# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import dir as listing

ENGLISH = """ Volume in drive D has no label.
 Volume Serial Number is 1A2B-3C4D

 Directory of D:\\FLASH\\MVF

05/02/2026  01:10 AM        3435973837 O1_MF_A.BKP
               1 File(s)     3435973837 bytes
               0 Dir(s)     90000000000 bytes free
"""
GERMAN = """ Verzeichnis von D:\\FLASH\\MVF

02.05.2026  01:10                 0 O1_MF_A.BKP
               1 Datei(en),              0 Bytes
"""


@pytest.mark.parametrize(
    ("printed", "size"), [(ENGLISH, 3435973837), (GERMAN, 0), ("", None), ("File Not Found", None)]
)
def test_the_size_stands_before_the_name(printed, size):
    assert listing.size(printed, "D:\\FLASH\\MVF\\o1_mf_a.bkp") == size


def test_another_files_size_is_not_taken():
    assert listing.size(ENGLISH, "D:\\FLASH\\MVF\\MF_A.BKP") is None
    assert listing.size(ENGLISH, "D:\\FLASH\\MVF\\bytes free") is None


def test_the_words():
    command = listing.entry("D:\\a b\\x.bkp")
    assert command.builtin and command.words == ("dir", "/-c", "/a-d", "D:\\a b\\x.bkp")


# All files below a folder

TOP = "C:\\Impax\\ConfigurationsBackups\\20260502011000"
TREE = f""" Volume in drive C has no label.
 Volume Serial Number is 1A2B-3C4D

 Directory of {TOP}

05/02/2026  01:10 AM              1204 web.config
05/02/2026  01:10 AM                 7 a file 3.xml
               2 File(s)           1211 bytes

 Directory of {TOP}\\sub folder

05/02/2026  01:10 AM                 0 empty.ini
               1 File(s)              0 bytes

     Total Files Listed:
               3 File(s)           1211 bytes
               0 Dir(s)     90000000000 bytes free
"""
TREE_GERMAN = f""" Volume in Laufwerk C: hat keine Bezeichnung.
 Volumeseriennummer: 1A2B-3C4D

 Verzeichnis von {TOP}

02.05.2026  01:10              1204 web.config
               1 Datei(en),           1204 Bytes

     Anzahl der angezeigten Dateien:
               1 Datei(en),           1204 Bytes
               0 Verzeichnis(se), 90000000000 Bytes frei
"""
TREE_FRENCH = f""" Le volume dans le lecteur C n'a pas de nom.

 Répertoire de {TOP}

02/05/2026  01:10              1204 web.config
               1 fichier(s)             1204 octets

     Total des fichiers listés :
               1 fichier(s)             1204 octets
               0 Rép(s)      90000000000 octets libres
"""


def answer(command, printed, code=0, state=State.ENDED):
    return Outcome(command, state, code, printed.encode())


@pytest.mark.parametrize(
    ("printed", "files"),
    [
        (TREE, {"web.config": 1204, "a file 3.xml": 7, "sub folder\\empty.ini": 0}),
        (TREE_GERMAN, {"web.config": 1204}),
        (TREE_FRENCH, {"web.config": 1204}),
        (TREE.upper().replace("AM", "am"), {"WEB.CONFIG": 1204, "A FILE 3.XML": 7, "SUB FOLDER\\EMPTY.INI": 0}),
        (TREE[:330], None),
        (TREE.replace("05/02/2026  01:10 AM                 7 a file 3.xml\n", ""), None),
        (TREE.replace(TOP, "C:\\other"), None),
        (TREE.replace("sub folder", "..\\..\\Windows"), None),
        (TREE.replace("web.config", "..\\web.config"), None),
        ("", None),
        ("words", None),
    ],
)
def test_all_files_with_their_sizes_or_nothing(printed, files):
    assert listing.files(answer(listing.tree(TOP), printed)) == files


def test_nothing_there_and_no_answer_are_not_the_same():
    command = listing.tree(TOP)
    assert listing.files(answer(command, "", 1)) == {}
    assert listing.files(answer(command, TREE, 1)) is None
    assert listing.files(answer(command, TREE, 5)) is None
    assert listing.files(answer(command, TREE, None, State.UNKNOWN)) is None


@pytest.mark.parametrize(
    ("printed", "code", "names"),
    [
        ("20260502011000\r\nold one\r\n", 0, ("20260502011000", "old one")),
        ("", 1, ()),
        ("", 0, None),
        ("x", 1, None),
        ("x", 5, None),
    ],
)
def test_the_names_in_a_folder(printed, code, names):
    command = listing.everything("C:\\x y")
    assert listing.names(answer(command, printed, code)) == names
    assert listing.names(answer(command, "x", None, State.NOT_BEGUN)) is None


FOLDERS = """ Volume in drive C has no label.

 Directory of C:\\Impax\\ConfigurationsBackups

05/02/2026  01:10 AM    <DIR>          .
05/02/2026  01:10 AM    <DIR>          ..
05/02/2026  01:10 AM    <DIR>          20260502011000
05/03/2026  01:10 AM    <JUNCTION>     old one 2
               0 File(s)              0 bytes
               4 Dir(s)     90000000000 bytes free
"""
NONE_FRENCH = """ Répertoire de C:\\x

02/05/2026  01:10    <REP>          .
02/05/2026  01:10    <REP>          ..
               0 fichier(s)                0 octets
               2 Rép(s)      90000000000 octets libres
"""


@pytest.mark.parametrize(
    ("printed", "code", "names"),
    [
        (FOLDERS, 0, ("20260502011000", "old one 2")),
        (NONE_FRENCH, 0, ()),
        ("", 1, ()),
        ("", 0, None),
        (FOLDERS, 1, None),
        (FOLDERS, 5, None),
        (FOLDERS[:-70], 0, None),
        (FOLDERS.replace("05/03/2026  01:10 AM    <JUNCTION>     old one 2\n", ""), 0, None),
        (FOLDERS.replace("    <DIR>          .\n", ""), 0, None),
    ],
)
def test_the_folders_in_a_folder_and_that_none_is_cut_off(printed, code, names):
    assert listing.folder_names(answer(listing.folders("C:\\x"), printed, code)) == names


def test_folders_of_which_no_answer_came():
    assert listing.folder_names(answer(listing.folders("C:\\x"), FOLDERS, None, State.UNKNOWN)) is None


def test_the_words_for_folders_names_and_trees():
    assert listing.folders("C:\\x").words == ("dir", "/-c", "/ad", "C:\\x")
    assert listing.everything("C:\\x").words == ("dir", "/b", "/a", "C:\\x")
    assert listing.tree("C:\\x").words == ("dir", "/s", "/-c", "/a-d", "C:\\x")
