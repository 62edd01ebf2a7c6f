"""Rows that can't be loaded: they stop the task, or go to a file with their reason. Never neither."""
import json

from harness.starlift import DATA_DIFFERS, OK, STOPPED_BY_POLICY

from .support import sync


def letters(home):
    return [json.loads(line) for path in home.rglob("*.jsonl") for line in path.read_text().splitlines()]


def bad_rows(mariadb, database):
    """Row 2 has a key of 200 bytes, row 4 a text of 2 MiB; a target holds neither."""
    mariadb.execute("CREATE TABLE keys_ (k VARCHAR(300) CHARACTER SET ascii PRIMARY KEY, v INT)",
                    "INSERT INTO keys_ VALUES ('a', 1), (REPEAT('k', 200), 2), ('c', 3)",
                    "CREATE TABLE texts (id INT PRIMARY KEY, t LONGTEXT)",
                    "INSERT INTO texts VALUES (3, 'short'), (4, REPEAT('x', 2 << 20)), (5, NULL)", database=database)


def test_they_stop_the_task(mariadb, sandbox, database, scratch):
    bad_rows(mariadb, database)
    run = sync(mariadb, sandbox, database, scratch / "home").expect(STOPPED_BY_POLICY, "--max-errors")
    assert "128" in run.err + run.out or "1048576" in run.err + run.out


def test_they_go_to_the_dead_letters(mariadb, sandbox, database, scratch):
    bad_rows(mariadb, database)
    home = scratch / "home"
    sync(mariadb, sandbox, database, home, "--max-errors", "10").expect(DATA_DIFFERS, "dead letter")
    assert sandbox.execute(f"SELECT v FROM {database}.keys_ ORDER BY v") == ((1,), (3,))
    assert sandbox.execute(f"SELECT id FROM {database}.texts ORDER BY id") == ((3,), (5,))
    found = letters(home)
    assert len(found) == 2, found
    text = json.dumps(found)
    assert "k" * 200 in text and "128" in text, text[:2000]


def test_too_many_stop_the_task(mariadb, sandbox, database, scratch):
    bad_rows(mariadb, database)
    sync(mariadb, sandbox, database, scratch / "home", "--max-errors", "1").expect(STOPPED_BY_POLICY)


def test_a_mended_source_goes_on(mariadb, sandbox, database, scratch):
    bad_rows(mariadb, database)
    sync(mariadb, sandbox, database, scratch / "home").expect(STOPPED_BY_POLICY)
    mariadb.execute("DELETE FROM keys_ WHERE v = 2", "DELETE FROM texts WHERE id = 4", database=database)
    sync(mariadb, sandbox, database, scratch / "home").expect(OK)
    assert sandbox.execute(f"SELECT COUNT(*) FROM {database}.texts") == ((2,),)
    assert sandbox.execute(f"SELECT COUNT(*) FROM {database}.keys_") == ((2,),)


def test_zero_dates_are_null_and_said(mariadb, sandbox, database, scratch):
    mariadb.execute("SET sql_mode=''", f"USE {database}", "CREATE TABLE t (id INT PRIMARY KEY, d DATE NOT NULL)", "INSERT INTO t VALUES (1, '0000-00-00'), (2, '2024-01-01')")
    sync(mariadb, sandbox, database, scratch / "home").expect(OK)
    assert sandbox.execute(f"SELECT id FROM {database}.t WHERE d IS NULL") == ((1,),)
