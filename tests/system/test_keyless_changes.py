"""Updates and deletes of rows without a key: found at the target by all of their columns, each exactly once."""
import random
import time

import pytest

from harness.process import wait_until
from harness.starlift import OK, STOPPED_BY_POLICY, start_starlift

from .support import assert_equal, sync

FOLLOW = ("--phases", "structure,full,incremental")
UNTIL = (*FOLLOW, "--until-caught-up")

KINDS = ("CREATE TABLE kinds (i INT, u BIGINT UNSIGNED, d DECIMAL(20,5), f FLOAT, g DOUBLE, day DATE, at DATETIME(6), ts TIMESTAMP(3) NULL,"
         " v VARCHAR(60), t TEXT, b VARBINARY(20), l BLOB, e ENUM('a','b ','c'), y BIT(9))")


def fill_kinds(server, database, rng, rows, columns):
    def value(kind):
        if rng.randrange(5) == 0:
            return "NULL"
        number = rng.randrange(3)
        return {"i": str(number - 1), "u": str(18446744073709551615 - number), "d": f"{number}.10000", "f": ["0.1", "-3.5e8", "16777217"][number],
                "g": ["0.1", "1e-300", "-7"][number], "day": f"'2024-02-2{7 + number}'", "at": f"'2024-01-01 00:00:00.00000{number}'",
                "ts": f"'2024-03-01 12:00:00.{number}'", "v": ["''", "'a\\\\ \\'b\\n'", "'😀 x '"][number], "t": ["'long '", "REPEAT('y', 300)", "'tab\\t\"q\"'"][number],
                "b": ["''", "x'00FF'", "x'20'"][number], "l": ["''", "REPEAT(x'01', 400)", "x'5C4E'"][number], "e": ["'a'", "'b '", "'c'"][number],
                "y": f"b'{number:b}'", "j": ["'{\"a\": [1, 2.50]}'", "'null'", "'[]'"][number]}[kind]
    server.execute("INSERT INTO kinds VALUES " + ", ".join("(" + ", ".join(value(c) for c in columns) + ")" for _ in range(rows)), database=database)


def edit_at_random(server, database, rng, statements, columns):
    with server.connect(database) as connection, connection.cursor() as cursor:
        for _ in range(statements):
            what = rng.randrange(5)
            where, other = rng.choice([c for c in columns if c != "y"]), rng.choice(columns)
            cursor.execute(f"SELECT {where} FROM kinds ORDER BY RAND({rng.randrange(10**6)}) LIMIT 1")
            some = cursor.fetchone()
            if some is None:
                fill_kinds(server, database, rng, 5, columns)
            elif what == 0:
                cursor.execute(f"DELETE FROM kinds WHERE {where} <=> %s LIMIT {1 + rng.randrange(3)}", some)
            elif what == 1:
                cursor.execute(f"UPDATE kinds SET {other} = NULL WHERE {where} <=> %s LIMIT 2", some)
            elif what == 2:
                cursor.execute(f"INSERT INTO kinds SELECT * FROM kinds WHERE {where} <=> %s LIMIT 3", some)
            elif what == 3:
                fill_kinds(server, database, rng, 1 + rng.randrange(4), columns)
            else:
                cursor.execute("BEGIN")
                cursor.execute(f"DELETE FROM kinds WHERE {where} <=> %s LIMIT 4", some)
                cursor.execute("INSERT INTO kinds SELECT * FROM kinds LIMIT 2")
                cursor.execute("ROLLBACK" if rng.randrange(3) == 0 else "COMMIT")


def columns_of(server, database):
    return [row[0] for row in server.execute("SHOW COLUMNS FROM kinds", database=database)]


def test_rows_of_every_kind_change(mariadb, sandbox, database, scratch):
    mariadb.execute(KINDS, "ALTER TABLE kinds ADD COLUMN j JSON", database=database)
    rng, columns = random.Random(1), columns_of(mariadb, database)
    fill_kinds(mariadb, database, rng, 60, columns)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    for _ in range(3):
        edit_at_random(mariadb, database, rng, 25, columns)
        sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
        assert_equal(mariadb, sandbox, database)


def test_rows_of_every_kind_change_at_mysql(mysql56, sandbox, scratch):
    database = f"keyless_{time.time_ns()}"
    mysql56.execute(f"CREATE DATABASE {database} CHARACTER SET utf8mb4")
    mysql56.execute(KINDS, database=database)
    rng, columns = random.Random(2), columns_of(mysql56, database)
    fill_kinds(mysql56, database, rng, 40, columns)
    sync(mysql56, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    edit_at_random(mysql56, database, rng, 40, columns)
    sync(mysql56, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mysql56, sandbox, database)


def test_edits_come_once_whatever_is_killed(mariadb, sandbox, database, scratch):
    """Starlift is killed at any moment while rows without a key come and go."""
    mariadb.execute("CREATE TABLE bag (v VARCHAR(20), n INT, x DOUBLE)",
                    "INSERT INTO bag SELECT CONCAT('v', seq % 5), NULLIF(seq % 7, 3), seq % 2 / 10 FROM seq_1_to_600", database=database)
    rng = random.Random(7)
    for _ in range(8):
        process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", *FOLLOW, log=scratch / "log")
        time.sleep(0.4)
        deadline = time.monotonic() + 0.6 + rng.random()
        while time.monotonic() < deadline:
            mariadb.execute(f"DELETE FROM bag WHERE v = 'v{rng.randrange(5)}' LIMIT {1 + rng.randrange(5)}",
                            f"UPDATE bag SET n = {rng.randrange(9)} WHERE v = 'v{rng.randrange(5)}' AND n <=> {rng.choice(['NULL', 1, 2])} LIMIT 4",
                            f"INSERT INTO bag VALUES ('v{rng.randrange(5)}', {rng.choice(['NULL', 1, 2])}, 0.1)", database=database)
        process.kill()
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_edits_while_the_full_load_runs(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE bag (v VARCHAR(20), n INT)", "INSERT INTO bag SELECT CONCAT('v', seq % 50), seq % 1000 FROM seq_1_to_200000",
                    database=database)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", *UNTIL, log=scratch / "log")
    for number in range(60):
        mariadb.execute(f"UPDATE bag SET n = n + 1000 WHERE n = {number} LIMIT 20", f"DELETE FROM bag WHERE n = {500 + number} LIMIT 3", database=database)
    wait_until("the load's end", lambda: not process.alive(), timeout=90)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_a_burst_is_one_piece_of_work(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE bag (n INT, v VARCHAR(20))", "INSERT INTO bag SELECT seq, 'row' FROM seq_1_to_20000", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    mariadb.execute("DELETE FROM bag WHERE n % 2 = 0", "UPDATE bag SET v = 'odd' WHERE n % 4 = 1", database=database)
    begun = time.monotonic()
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)
    assert time.monotonic() - begun < 60


def test_a_row_that_is_not_at_the_target_stops(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE bag (n INT, v VARCHAR(20))", "INSERT INTO bag VALUES (1, 'a'), (1, 'a'), (2, 'b')", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    sandbox.execute(f"DELETE FROM {database}.bag WHERE n = 1")
    mariadb.execute("DELETE FROM bag WHERE n = 1 LIMIT 1", database=database)
    run = sync(mariadb, sandbox, database, scratch / "home", *UNTIL)
    run.expect(STOPPED_BY_POLICY)
    assert "n=1, v=a" in run.err and "not at the target" in run.err
    assert sandbox.execute(f"SELECT COUNT(*) FROM {database}.bag")[0][0] == 1


@pytest.mark.parametrize("statement", ["DELETE FROM bag", "UPDATE bag SET v = 'b'"])
def test_stops_where_the_policy_says_so(mariadb, sandbox, database, scratch, statement):
    mariadb.execute("CREATE TABLE bag (n INT, v VARCHAR(20))", "INSERT INTO bag VALUES (1, 'a')", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    mariadb.execute(statement, database=database)
    run = sync(mariadb, sandbox, database, scratch / "home", *UNTIL, "--keyless-changes", "stop")
    run.expect(STOPPED_BY_POLICY)
    assert "keyless-changes" in run.err
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_rows_that_only_odd_texts_tell_apart(mariadb, sandbox, database, scratch):
    """No column is plain enough for a DELETE to be sure of, so that one that isn't has to do: also one with a NUL in it."""
    odd = ["'nul\\0inside'", "'\\0'", "'a\\0\\0b'", "'tab\\tand \\\\ back'", "'\\\\N'", "''", "'it''s'", "'\\Z'"]
    mariadb.execute("CREATE TABLE odd (v VARCHAR(60), d DOUBLE)", f"INSERT INTO odd VALUES {', '.join(f'({v}, 1), ({v}, 2), ({v}, 1)' for v in odd)}", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    for v in odd:
        mariadb.execute(f"DELETE FROM odd WHERE v = {v} AND d = 1 LIMIT 1", f"UPDATE odd SET d = 3 WHERE v = {v} AND d = 2", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)
