"""Changes that happen during and after the full load: every row as at the source, whatever is killed."""
import random
import threading
import time

import pytest

from harness.process import wait_until
from harness.starlift import OK, start_starlift

from .support import assert_equal, fill_numbers, sync

FOLLOW = ("--phases", "structure,full,incremental")
UNTIL = (*FOLLOW, "--until-caught-up")


def count(sandbox, database, table="t"):
    try:
        return sandbox.execute(f"SELECT COUNT(*) FROM {database}.{table}")[0][0]
    except Exception:
        return -1


def follow(mariadb, sandbox, database, scratch, *options):
    return start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", *FOLLOW, *options,
                          log=scratch / "log")


def change_at_random(mariadb, database, rng, statements):
    """Inserts, updates, deletes, changes of the key, transactions over two tables, rollbacks."""
    with mariadb.connect(database) as connection, connection.cursor() as cursor:
        for _ in range(statements):
            table, key = rng.choice("ab"), rng.randrange(400)
            kind = rng.randrange(6)
            cursor.execute("BEGIN")
            if kind == 0:
                cursor.execute(f"INSERT IGNORE INTO {table} VALUES (%s, %s, %s)", (key, f"row {rng.random()}", rng.choice([None, 1.5, -3])))
            elif kind == 1:
                cursor.execute(f"REPLACE INTO {table} VALUES (%s, %s, NULL)", (key, "ä€😀" * rng.randrange(4)))
            elif kind == 2:
                cursor.execute(f"UPDATE {table} SET v = CONCAT('u', v) WHERE id BETWEEN %s AND %s AND LENGTH(v) < 80", (key, key + 9))
            elif kind == 3:
                cursor.execute(f"DELETE FROM {table} WHERE id BETWEEN %s AND %s", (key, key + 2))
            elif kind == 4:
                cursor.execute(f"UPDATE IGNORE {table} SET id = id + 400 WHERE id = %s", (key,))
            else:
                cursor.execute("INSERT IGNORE INTO a SELECT id + 800, v, n FROM b WHERE id < 20")
                cursor.execute("DELETE FROM b WHERE id = %s", (key,))
            cursor.execute("ROLLBACK" if rng.randrange(8) == 0 else "COMMIT")


def make_two(mariadb, database):
    for table in "ab":
        mariadb.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY, v VARCHAR(200) NOT NULL, n DECIMAL(10,2))",
                        f"INSERT INTO {table} SELECT seq, CONCAT('value ', seq), seq / 4 FROM seq_1_to_300", database=database)


def test_changes_after_the_load_arrive(mariadb, sandbox, database, scratch):
    make_two(mariadb, database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)
    change_at_random(mariadb, database, random.Random(1), 300)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_changes_during_the_load_arrive(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=150_000)
    make_two(mariadb, database)
    process = follow(mariadb, sandbox, database, scratch, "--chunk-rows", "5000")
    wait_until("rows at the target", lambda: not process.alive() or count(sandbox, database) > 0)
    rng = random.Random(2)
    change_at_random(mariadb, database, rng, 200)
    mariadb.execute("UPDATE t SET v = 'changed' WHERE id % 1000 = 0", "DELETE FROM t WHERE id % 1000 = 1",
                    "UPDATE t SET id = -id WHERE id % 1000 = 2", database=database)
    process.stop()
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_a_change_is_seen_soon(mariadb, sandbox, database, scratch):
    make_two(mariadb, database)
    process = follow(mariadb, sandbox, database, scratch)
    wait_until("the load", lambda: not process.alive() or count(sandbox, database, "b") == 300)
    delays = []
    for number in range(10):
        mariadb.execute(f"INSERT INTO a VALUES ({1000 + number}, 'soon', 0)", database=database)
        begun = time.monotonic()
        wait_until("the row", lambda: not process.alive() or count(sandbox, database, "a") == 301 + number, timeout=20)
        delays.append(time.monotonic() - begun)
    assert process.alive(), process.tail()
    process.signal(15)
    assert process.wait(30) == 143, process.tail()
    assert sorted(delays)[5] < 3, delays


@pytest.mark.parametrize("seed", [11, 12])
def test_kills_lose_and_double_nothing(mariadb, sandbox, database, scratch, seed):
    make_two(mariadb, database)
    rng = random.Random(seed)
    writer = threading.Thread(target=change_at_random, args=(mariadb, database, random.Random(seed + 1), 1500))
    writer.start()
    try:
        for _ in range(8):
            process = follow(mariadb, sandbox, database, scratch)
            time.sleep(rng.uniform(0.1, 1.5))
            process.kill()
    finally:
        writer.join()
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_rows_loaded_without_a_position_are_not_followed(mariadb, sandbox, database, scratch):
    """Changes between the load and the first look at the log would be lost."""
    make_two(mariadb, database)
    sync(mariadb, sandbox, database, scratch / "home", "--phases", "structure,full").expect(OK)
    run = sync(mariadb, sandbox, database, scratch / "home", *UNTIL)
    run.expect(2, "--fresh")


def test_schema_changes_between_the_rows(mariadb, sandbox, database, scratch):
    make_two(mariadb, database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    mariadb.execute(
        "INSERT INTO a VALUES (1001, 'before', 1)",
        "ALTER TABLE a ADD COLUMN extra VARCHAR(20) DEFAULT 'x'",
        "INSERT INTO a VALUES (1002, 'after', 2, 'y')",
        "UPDATE a SET extra = 'z' WHERE id < 20",
        "ALTER TABLE a RENAME COLUMN extra TO more",
        "UPDATE a SET more = 'renamed' WHERE id = 3",
        "ALTER TABLE a MODIFY v VARCHAR(300) NOT NULL",
        "CREATE TABLE made (id INT PRIMARY KEY, v VARCHAR(10))",
        "INSERT INTO made VALUES (1, 'one'), (2, 'two')",
        "TRUNCATE TABLE b",
        "INSERT INTO b VALUES (5, 'new', 5)", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)
    mariadb.execute("INSERT INTO made VALUES (3, 'three')", "DELETE FROM a WHERE id < 10", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_rows_without_a_key_come_once(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE bag (v VARCHAR(20), n INT)",
                    "INSERT INTO bag SELECT 'full', seq % 7 FROM seq_1_to_1000", database=database)
    for number in range(6):
        process = follow(mariadb, sandbox, database, scratch)
        time.sleep(0.4 + number / 4)
        mariadb.execute(*[f"INSERT INTO bag VALUES ('stream', {i % 3}), ('pair', {i % 3})" for i in range(40)], database=database)
        process.kill()
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)
