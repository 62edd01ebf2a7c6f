"""Input that means harm or makes no sense: `starlift smt` says one clear thing, and writes nothing."""
import os
import stat
import subprocess

import pytest

from harness.paths import starlift_binary
from harness.starlift import USAGE, starlift
from system.smt_support import read_file
from system.test_smt import Folder, config


@pytest.fixture
def folder(scratch):
    return Folder(scratch / "smt")


@pytest.fixture(scope="module")
def hostile(mariadb):
    """A database of names and texts that no tool likes."""
    mariadb.execute(
        "CREATE DATABASE hostile", "CREATE DATABASE `ha'r\"m`",
        "CREATE TABLE hostile.`it's \"quoted\"` (`se;lect` INT PRIMARY KEY COMMENT 'a\\\\\"b\\n''c', `%(x)s` VARCHAR(9) DEFAULT 'q\"\\\\''') COMMENT 'end\\\\'",
        f"CREATE TABLE hostile.`{'長' * 40}` (`{'é' * 64}` INT PRIMARY KEY)",
        "CREATE TABLE hostile.a$b (`$.x` INT PRIMARY KEY, `a.b` BLOB)",
        "CREATE TABLE `ha'r\"m`.t (id INT PRIMARY KEY)",
        f"CREATE TABLE hostile.{'a' * 60} (id INT PRIMARY KEY)")
    yield mariadb
    mariadb.execute("DROP DATABASE hostile", "DROP DATABASE `ha'r\"m`")


def run_in(folder):
    return starlift("smt", "-c", folder.path / "conf" / "config_prod.conf", cwd=folder.path)


def refused(folder, *words):
    run = folder.run(code=USAGE, words=words)
    assert not folder.result.exists(), run
    assert len(run.err.strip().splitlines()) <= 3 or "errors in the configuration" in run.err, run
    return run


@pytest.mark.parametrize("text, words", [
    (b"\xff\xfe[\0d\0b\0]\0", ["is in UTF-16", "save it as UTF-8"]),
    (b"", ["3 errors", "no [db] section", "no [other] section", "no [table-rule.N] section"]),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 200, ["errors in the configuration", "and", "more"]),
])
def test_files_that_are_no_configuration(folder, text, words):
    (folder.path / "conf" / "config_prod.conf").write_bytes(text)
    refused(folder, *words)


def test_a_configuration_that_cannot_be_read(folder):
    refused(folder, "can't be read: No such file or directory", "name it with -c FILE")
    (folder.path / "conf" / "config_prod.conf").mkdir()
    refused(folder, "can't be read: it is a folder")


def test_nobody_reads_what_it_says(mariadb, folder):
    folder.write(config(mariadb, more="\n".join(f"properties.p{n} = {'v' * 200}" for n in range(2000))))
    command = [starlift_binary(), "smt", "-c", folder.path / "conf" / "config_prod.conf", "--print-config"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.read(10)
    process.stdout.close()
    said = process.stderr.read()
    assert process.wait(20) == 0, said


def test_an_expression_that_never_ends(mariadb, folder, database):
    mariadb.execute(f"CREATE TABLE {database}.{'a' * 60} (id INT PRIMARY KEY)")
    folder.write(config(mariadb, database=f"^{database}$", table="(?=(a+)+$)(a+)+b"))
    refused(folder, "table = (?=(a+)+$)(a+)+b in [table-rule.1] takes exponential time on the name aaaa", "repetitions of repetitions")


def test_names_and_texts_stay_what_they_are(hostile, sandbox, folder):
    """What may be a name in StarRocks is one, quoted; the tables are made, their comments whole."""
    folder.write(config(hostile, sandbox, database="^hostile$"))
    folder.run("--apply", words=["made 4 tables"])
    assert {row[0] for row in sandbox.execute("SHOW TABLES FROM hostile")} == {"it's \"quoted\"", "長" * 40, "a$b", "a" * 60}
    shown = sandbox.execute("SHOW CREATE TABLE hostile.`it's \"quoted\"`")[0][1]
    assert "`se;lect`" in shown and "`%(x)s`" in shown, shown
    assert sandbox.execute("SELECT table_comment FROM information_schema.tables WHERE table_name LIKE 'it%'") == (("end\\",),)
    heads = [s.head for s in read_file(folder.result / "flink-create.all.sql") if s.is_table]
    assert "CREATE TABLE IF NOT EXISTS `default_catalog`.`hostile`.`it's \"quoted\"_src`" in heads, heads


def test_names_that_starrocks_refuses_are_told_at_once(hostile, folder):
    folder.write(config(hostile, database="^(hostile|ha.r.m)$"))
    run = refused(folder, "these names can't be made in StarRocks", "ha'r\"m")
    assert run.err.count("ha'r\"m") == 1, run


def test_places_that_refuse_to_be_written(mariadb, folder, database):
    mariadb.execute(f"CREATE TABLE {database}.t (id INT PRIMARY KEY)")
    folder.write(config(mariadb, database=f"^{database}$"))
    folder.result.write_text("a file")
    run = run_in(folder)
    assert run.code != 0 and "result" in run.err and folder.result.read_text() == "a file", run
    folder.result.unlink()
    (folder.result / "starrocks-create.1.sql" / "mine").mkdir(parents=True)
    run = run_in(folder)
    assert run.code != 0 and "starrocks-create.1.sql" in run.err, run
    assert [f.name for f in folder.result.iterdir()] == ["starrocks-create.1.sql"], list(folder.result.iterdir())
    assert (folder.result / "starrocks-create.1.sql" / "mine").is_dir()


def test_only_the_owner_reads_what_holds_passwords(mariadb, folder, database):
    mariadb.execute(f"CREATE TABLE {database}.t (id INT PRIMARY KEY)")
    folder.write(config(mariadb, database=f"^{database}$"))
    before = os.umask(0)
    try:
        folder.run()
    finally:
        os.umask(before)
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.result.iterdir() if file.suffix in (".sql", ".yaml")} == {0o600}
