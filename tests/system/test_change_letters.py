"""Changes that can't be applied: dead letters of the stream, and `skip`. What the target keeps is never an older state."""
import json

import pytest

from harness.process import wait_until
from harness.starlift import CHECK_FAILED, DATA_DIFFERS, OK, STOPPED_BY_POLICY, USAGE, start_starlift, starlift

from .support import assert_equal

UNTIL = ("--phases", "structure,full,incremental", "--until-caught-up")
TOO_LONG = "REPEAT('x', 2 << 20)"  # a target's text ends at 1 MiB


def follow(mariadb, sandbox, database, home, *options):
    return starlift("sync", mariadb.url(database), sandbox.url(), "--home", home, "--name", "t", *UNTIL, *options)


def letters(home):
    return [json.loads(line) for path in home.rglob("*.jsonl") for line in path.read_text().splitlines()]


def status(home):
    return json.loads(starlift("status", "t", "--home", home, "--json").expect(OK).out)


def follows(home):
    """Not only as the last run has left it."""
    now = status(home)
    return now["running"] and now["phase"] == "incremental"


def rows(sandbox, database, table="t", columns="id, LENGTH(v)"):
    return sandbox.execute(f"SELECT {columns} FROM {database}.{table} ORDER BY 1")


@pytest.fixture
def texts(mariadb, sandbox, database, scratch):
    """A table of texts, loaded; gives the task's home."""
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, v LONGTEXT, n INT)",
                    "INSERT INTO t SELECT seq, 'old', seq FROM seq_1_to_5", database=database)
    follow(mariadb, sandbox, database, scratch / "home").expect(OK)
    return scratch / "home"


def test_a_bad_change_stops_the_task(mariadb, sandbox, database, texts):
    mariadb.execute(f"UPDATE t SET v = {TOO_LONG} WHERE id = 2", database=database)
    run = follow(mariadb, sandbox, database, texts).expect(STOPPED_BY_POLICY, "--max-errors", "skip", "1048576")
    assert "id=2" in run.err + run.out, run


def test_a_bad_change_goes_to_the_dead_letters_and_leaves_no_older_row(mariadb, sandbox, database, texts):
    mariadb.execute(f"UPDATE t SET v = {TOO_LONG} WHERE id = 2", f"INSERT INTO t VALUES (9, {TOO_LONG}, 9)",
                    "UPDATE t SET v = 'new' WHERE id = 3", database=database)
    follow(mariadb, sandbox, database, texts, "--max-errors", "5").expect(DATA_DIFFERS)
    assert [row[0] for row in rows(sandbox, database)] == [1, 3, 4, 5]
    found = letters(texts)
    assert sorted(letter["key"]["id"] for letter in found) == ["2", "9"]
    for letter in found:
        assert letter["operation"] == "upsert" and letter["stage"] == "encode" and letter["row_at_target"] == "none"
        assert letter["position"] and "1048576" in letter["reason"] and len(letter["row"]["v"]) == 2 << 20
    assert status(texts)["dead_letters"] == 2 and status(texts)["tables"][0]["dead_letters"] == 2
    # Told once; still so after another run; and a good version comes in.
    mariadb.execute("UPDATE t SET v = 'short again' WHERE id = 2", "DELETE FROM t WHERE id = 9", database=database)
    follow(mariadb, sandbox, database, texts, "--max-errors", "5").expect(DATA_DIFFERS)
    assert len(letters(texts)) == 2
    assert_equal(mariadb, sandbox, database)


def test_partial_images_are_not_put_where_no_row_is(mariadb, sandbox, database, texts):
    mariadb.execute("SET SESSION binlog_row_image = MINIMAL", f"USE {database}",
                    f"UPDATE t SET v = {TOO_LONG} WHERE id = 2", "UPDATE t SET n = 20 WHERE id = 3")
    follow(mariadb, sandbox, database, texts, "--max-errors", "5").expect(DATA_DIFFERS)
    mariadb.execute("SET SESSION binlog_row_image = MINIMAL", f"USE {database}", "UPDATE t SET n = 22 WHERE id = 2",
                    "UPDATE t SET n = 30 WHERE id = 3")
    follow(mariadb, sandbox, database, texts, "--max-errors", "5").expect(DATA_DIFFERS)
    assert rows(sandbox, database, columns="id, n") == ((1, 1), (3, 30), (4, 4), (5, 5))
    first, second = letters(texts)
    assert first["operation"] == "update" and set(first["row"]) == {"id", "v"}
    assert second["stage"] == "apply" and second["row"] == {"id": "2", "n": "22"}


def test_rows_that_only_the_target_refuses_are_found(mariadb, sandbox, database, scratch):
    """A partitioned table of the user's own has no place for some keys."""
    home = scratch / "home"
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(50))", "INSERT INTO t VALUES (1, 'a')", database=database)
    sandbox.execute(f"CREATE DATABASE IF NOT EXISTS {database}")
    sandbox.execute(f"CREATE TABLE {database}.t (id INT NOT NULL, v VARCHAR(200)) PRIMARY KEY (id) "
                    "PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN ('1000')) DISTRIBUTED BY HASH (id) PROPERTIES ('replication_num' = '1')")
    follow(mariadb, sandbox, database, home).expect(OK)
    mariadb.execute("INSERT INTO t SELECT seq, 'b' FROM seq_2_to_300", "INSERT INTO t VALUES (5000, 'far'), (301, 'c'), (6000, 'far')",
                    database=database)
    follow(mariadb, sandbox, database, home, "--max-errors", "1").expect(STOPPED_BY_POLICY, "more than 1 rows")
    follow(mariadb, sandbox, database, home, "--max-errors", "2").expect(DATA_DIFFERS)
    assert rows(sandbox, database, columns="COUNT(*), MAX(id)") == ((301, 301),)
    found = letters(home)
    assert sorted(letter["key"]["id"] for letter in found) == ["5000", "6000"]
    assert all(letter["stage"] == "target" and "partition" in letter["reason"] for letter in found), found
    mariadb.execute("DELETE FROM t WHERE id > 1000", "UPDATE t SET v = 'd' WHERE id = 7", database=database)
    follow(mariadb, sandbox, database, home, "--max-errors", "2").expect(DATA_DIFFERS)
    assert len(letters(home)) == 2
    assert_equal(mariadb, sandbox, database)


def test_status_shows_them_while_the_task_runs(mariadb, sandbox, database, texts):
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", texts, "--name", "t", "--max-errors", "5",
                             "--phases", "structure,full,incremental", log=texts.parent / "log")
    wait_until("the task to follow", lambda: not process.alive() or follows(texts))
    mariadb.execute(f"UPDATE t SET v = {TOO_LONG} WHERE id = 2", database=database)
    wait_until("the dead letter", lambda: status(texts)["dead_letters"] == 1)
    process.kill()
    follow(mariadb, sandbox, database, texts, "--max-errors", "5").expect(DATA_DIFFERS)
    assert len(letters(texts)) == 1 and status(texts)["dead_letters"] == 1


def test_skip_lets_a_stopped_task_go_on(mariadb, sandbox, database, texts):
    mariadb.execute(f"UPDATE t SET v = {TOO_LONG} WHERE id = 2", "UPDATE t SET v = 'new' WHERE id = 3",
                    f"UPDATE t SET v = {TOO_LONG} WHERE id = 4", "UPDATE t SET v = 'new' WHERE id = 5", database=database)
    follow(mariadb, sandbox, database, texts).expect(STOPPED_BY_POLICY)
    assert "next 1" in starlift("skip", "t", "1", "--home", texts).expect(OK).out
    assert status(texts)["skips_left"] == 1
    follow(mariadb, sandbox, database, texts).expect(STOPPED_BY_POLICY, "id=4")  # one, and no more
    # The change that was left out may come again, as no checkpoint lies behind it: it has its own.
    starlift("skip", "t", "1", "--home", texts).expect(OK)
    assert status(texts)["skips_left"] == 1
    follow(mariadb, sandbox, database, texts).expect(DATA_DIFFERS)
    assert status(texts)["skips_left"] == 0
    assert rows(sandbox, database) == ((1, 3), (3, 3), (5, 3))
    assert [letter["skipped"] for letter in letters(texts)] == [True, True]
    mariadb.execute(f"UPDATE t SET v = {TOO_LONG} WHERE id = 5", database=database)
    follow(mariadb, sandbox, database, texts).expect(STOPPED_BY_POLICY, "id=5")
    starlift("skip", "t", "3", "--home", texts).expect(OK)
    follow(mariadb, sandbox, database, texts).expect(DATA_DIFFERS)
    assert rows(sandbox, database) == ((1, 3), (3, 3))
    assert [letter["skipped"] for letter in letters(texts)] == [True, True, True]
    assert status(texts)["skips_left"] == 2


def test_skip_of_a_running_task(mariadb, sandbox, database, texts):
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", texts, "--name", "t",
                             "--phases", "structure,full,incremental", log=texts.parent / "log")
    wait_until("the task to follow", lambda: not process.alive() or follows(texts))
    starlift("skip", "t", "1", "--home", texts).expect(OK)
    mariadb.execute(f"UPDATE t SET v = {TOO_LONG} WHERE id = 2", "UPDATE t SET v = 'new' WHERE id = 3", database=database)
    wait_until("the dead letter", lambda: status(texts)["dead_letters"] == 1)
    assert process.alive() and status(texts)["skips_left"] == 0
    mariadb.execute(f"UPDATE t SET v = {TOO_LONG} WHERE id = 4", database=database)
    assert process.wait(60) == STOPPED_BY_POLICY, process.tail()


def test_skips_of_changes_that_no_checkpoint_has_passed(mariadb, sandbox, database, texts):
    """One flush holds all of it: killed and stopped in any way, so many are left out as were allowed, and no more."""
    mariadb.execute(*(f"UPDATE t SET v = {TOO_LONG} WHERE id = {number}" for number in range(1, 6)), database=database)
    for allowed in range(1, 6):
        follow(mariadb, sandbox, database, texts).expect(STOPPED_BY_POLICY)
        starlift("skip", "t", "1", "--home", texts).expect(OK)
        assert status(texts)["skips_left"] == 1
    follow(mariadb, sandbox, database, texts).expect(DATA_DIFFERS)
    assert status(texts)["skips_left"] == 0 and len(letters(texts)) == 5
    assert rows(sandbox, database) == ()


def test_skip_of_an_update_without_a_key(mariadb, sandbox, database, scratch):
    """Where the policy stops at them: the one edit stays out, all else comes in once."""
    home, options = scratch / "home", ("--keyless-changes", "stop")
    mariadb.execute("CREATE TABLE k (v VARCHAR(20))", "INSERT INTO k VALUES ('a'), ('a'), ('b')", database=database)
    follow(mariadb, sandbox, database, home, *options).expect(OK)
    mariadb.execute("INSERT INTO k VALUES ('first')", database=database)
    follow(mariadb, sandbox, database, home, *options).expect(OK)
    mariadb.execute("BEGIN", "INSERT INTO k VALUES ('c')", "DELETE FROM k WHERE v = 'b'", "INSERT INTO k VALUES ('d')",
                    "UPDATE k SET v = 'x' WHERE v = 'c'", "COMMIT", "INSERT INTO k VALUES ('e')", database=database)
    follow(mariadb, sandbox, database, home, *options).expect(STOPPED_BY_POLICY)
    starlift("skip", "t", "1", "--home", home).expect(OK)
    follow(mariadb, sandbox, database, home, *options).expect(STOPPED_BY_POLICY)  # the update is the next
    assert [letter["operation"] for letter in letters(home)] == ["delete"] and status(home)["skips_left"] == 0
    starlift("skip", "t", "1", "--home", home).expect(OK)
    follow(mariadb, sandbox, database, home, *options).expect(DATA_DIFFERS)
    assert sorted(row[0] for row in sandbox.execute(f"SELECT v FROM {database}.k")) == ["a", "a", "b", "c", "d", "e", "first"]
    assert [letter["operation"] for letter in letters(home)] == ["delete", "update"] and status(home)["skips_left"] == 0


def test_skip_of_a_schema_change(mariadb, sandbox, database, scratch):
    home, task = scratch / "home", scratch / "task.yaml"
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(50))", "INSERT INTO t VALUES (1, 'a')", database=database)
    task.write_text(f"version: 1\nname: t\nsource:\n  url: {mariadb.url(database)}\ntarget:\n  url: {sandbox.url()}\n"
                    "schema_changes:\n  add_column: stop\n")
    run = ("sync", task, "--home", home, *UNTIL)
    starlift(*run).expect(OK)
    mariadb.execute("ALTER TABLE t ADD COLUMN extra INT", "INSERT INTO t VALUES (2, 'b', 2)", database=database)
    starlift(*run).expect(STOPPED_BY_POLICY, "add-column")
    starlift("skip", "t", "1", "--home", home).expect(OK)
    starlift(*run).expect(DATA_DIFFERS)
    assert rows(sandbox, database, columns="id, v") == ((1, "a"), (2, "b"))
    letter, = letters(home)
    assert letter["operation"] == "schema-change" and "ADD COLUMN extra" in letter["statement"] and letter["skipped"]
    # The next run misses the column and says how to add it; its values are those from then on.
    starlift(*run).expect(CHECK_FAILED, "ADD COLUMN `extra`")
    sandbox.execute(f"ALTER TABLE {database}.t ADD COLUMN extra INT")
    mariadb.execute("INSERT INTO t VALUES (3, 'c', 3)", database=database)
    starlift(*run).expect(DATA_DIFFERS)
    assert rows(sandbox, database, columns="id, v, extra") == ((1, "a", None), (2, "b", None), (3, "c", 3))
    mariadb.execute("ALTER TABLE t ADD COLUMN another INT", database=database)
    starlift(*run).expect(STOPPED_BY_POLICY, "another")


def test_skip_says_what_it_cannot_do(scratch, texts):
    starlift("skip", "nobody", "1", "--home", scratch / "elsewhere").expect(CHECK_FAILED, "no task")
    starlift("skip", "nobody", "1", "--home", texts).expect(CHECK_FAILED, "no task")
    starlift("skip", "t", "--home", texts).expect(USAGE)
    starlift("skip", "t", "many", "--home", texts).expect(USAGE, "number")
    starlift("skip", "t", "-1", "--home", texts).expect(USAGE)


def test_a_kept_dropped_column_has_null_in_later_rows(mariadb, sandbox, database, scratch):
    home = scratch / "home"
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(50))", "CREATE TABLE k (v VARCHAR(50))",
                    "INSERT INTO t VALUES (1, 'a')", "INSERT INTO k VALUES ('a')", database=database)
    follow(mariadb, sandbox, database, home).expect(OK)
    for table in "tk":
        mariadb.execute(f"ALTER TABLE {table} ADD COLUMN d INT NOT NULL DEFAULT 7", database=database)
    follow(mariadb, sandbox, database, home).expect(OK)
    assert rows(sandbox, database, columns="id, d") == ((1, 7),)
    mariadb.execute("ALTER TABLE t DROP COLUMN d", "ALTER TABLE k DROP COLUMN d", "INSERT INTO t VALUES (2, 'b')",
                    "INSERT INTO k VALUES ('b')", "INSERT INTO t VALUES (3, 'c')", "DELETE FROM t WHERE id = 3", database=database)
    follow(mariadb, sandbox, database, home).expect(OK)
    assert rows(sandbox, database, columns="id, d") == ((1, 7), (2, None))
    assert rows(sandbox, database, "k", "v, d") == (("a", 7), ("b", None))
    mariadb.execute("INSERT INTO t VALUES (4, 'd')", "ALTER TABLE t ADD COLUMN e INT", "INSERT INTO t VALUES (5, 'e', 5)", database=database)
    follow(mariadb, sandbox, database, home).expect(OK)  # another run knows it, and so does another change
    assert rows(sandbox, database, columns="id, d") == ((1, 7), (2, None), (4, None), (5, None))
    mariadb.execute("SET SESSION binlog_row_image = MINIMAL", f"USE {database}", "UPDATE t SET v = 'x' WHERE id = 1")
    follow(mariadb, sandbox, database, home).expect(OK)
    assert rows(sandbox, database, columns="id, v, d")[0] == (1, "x", 7)  # a part of a row leaves it alone
