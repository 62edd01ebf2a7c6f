"""What foreign keys do to child rows by themselves isn't in the log: it arrives nevertheless, by what happens to the parents."""
import json
import random
import time

import pymysql
import pytest

from harness.process import wait_until
from harness.starlift import CHECK_FAILED, OK, STOPPED_BY_POLICY, start_starlift, starlift

from .support import assert_equal, sync

FOLLOW = ("--phases", "structure,full,incremental")
UNTIL = (*FOLLOW, "--until-caught-up")

FAMILY = (
    "CREATE TABLE customer (id INT PRIMARY KEY, name VARCHAR(40)) ENGINE=InnoDB",
    "CREATE TABLE orders (id INT PRIMARY KEY, customer INT, v VARCHAR(40), FOREIGN KEY (customer) REFERENCES customer (id)"
    " ON DELETE CASCADE ON UPDATE CASCADE) ENGINE=InnoDB",
    "CREATE TABLE item (orders INT, line SMALLINT, v VARCHAR(40), PRIMARY KEY (orders, line), FOREIGN KEY (orders) REFERENCES orders (id)"
    " ON DELETE CASCADE) ENGINE=InnoDB",
    "CREATE TABLE remark (id INT PRIMARY KEY, orders INT, line SMALLINT, v VARCHAR(40), FOREIGN KEY (orders, line) REFERENCES item (orders, line)"
    " ON DELETE SET NULL ON UPDATE CASCADE) ENGINE=InnoDB",
    "CREATE TABLE tree (id BIGINT UNSIGNED PRIMARY KEY, above BIGINT UNSIGNED, v VARCHAR(40), FOREIGN KEY (above) REFERENCES tree (id)"
    " ON DELETE CASCADE) ENGINE=InnoDB",
    "CREATE TABLE visit (id INT PRIMARY KEY, customer INT, v TEXT, FOREIGN KEY (customer) REFERENCES customer (id)"
    " ON DELETE SET NULL ON UPDATE SET NULL) ENGINE=InnoDB",
)


def fill(server, database, customers=30):
    def rows(make, count):
        return ", ".join(make(i) for i in range(count))
    server.execute(*FAMILY,
                   "INSERT INTO customer VALUES " + rows(lambda i: f"({i}, 'name {i}')", customers),
                   "INSERT INTO orders VALUES " + rows(lambda i: f"({i}, {i % customers}, 'order {i}')", customers * 4),
                   "INSERT INTO item VALUES " + rows(lambda i: f"({i // 2}, {i % 2}, 'item {i}')", customers * 8),
                   "INSERT INTO remark VALUES " + rows(lambda i: f"({i}, {i // 2}, {i % 2}, 'remark {i}')", customers * 8),
                   "INSERT INTO tree VALUES " + rows(lambda i: f"({i + 1}, {'NULL' if i == 0 else (i - 1) // 3 + 1}, 'leaf {i}')", 120),
                   "INSERT INTO visit VALUES " + rows(lambda i: f"({i}, {i % customers}, 'visit {i}')", customers * 3), database=database)


def change(cursor, what, some, other):
    if what == 0:
        cursor.execute(f"DELETE FROM customer WHERE id = {some}")
    elif what == 1:
        cursor.execute(f"UPDATE IGNORE customer SET id = {other} WHERE id = {some}")
    elif what == 2:
        cursor.execute(f"INSERT IGNORE INTO customer VALUES ({some}, 'again')")
        cursor.execute(f"INSERT IGNORE INTO orders VALUES ({some + 200}, {some}, 'new')")
        cursor.execute(f"INSERT IGNORE INTO item VALUES ({some + 200}, 1, 'new')")
    elif what == 3:
        cursor.execute(f"DELETE FROM orders WHERE id = {some}")
    elif what == 4:
        cursor.execute(f"DELETE FROM item WHERE orders = {some} AND line = 1")
    elif what == 5:
        cursor.execute(f"UPDATE orders SET v = CONCAT('u', {some}) WHERE customer = {some}")
    elif what == 6:
        cursor.execute(f"DELETE FROM tree WHERE id = {2 + some}")
    elif what == 7:
        cursor.execute(f"INSERT IGNORE INTO tree VALUES ({2 + some}, 1, 'again'), ({500 + some}, {2 + some}, 'below')")
    elif what == 8:
        cursor.execute(f"UPDATE IGNORE item SET line = line + 5 WHERE orders = {some}")
    elif what == 9:  # a parent goes and comes back in one transaction, a child of it too
        cursor.execute(f"DELETE FROM customer WHERE id = {some}")
        cursor.execute(f"INSERT INTO customer VALUES ({some}, 'back')")
        cursor.execute(f"INSERT IGNORE INTO orders VALUES ({some}, {some}, 'back')")
        cursor.execute(f"INSERT IGNORE INTO visit VALUES ({some + 300}, {some}, 'back')")
    elif what == 10:
        cursor.execute(f"UPDATE IGNORE visit SET customer = {some} WHERE id % 40 = {other}")
    elif what == 11:  # rows that were deleted by a rule come back under another parent, rows with children move
        cursor.execute(f"DELETE FROM customer WHERE id = {some}")
        cursor.execute(f"INSERT IGNORE INTO orders VALUES ({some}, {other}, 'reborn')")
        cursor.execute(f"UPDATE IGNORE orders SET customer = {other} WHERE id = {some + 40}")
    elif what == 12:
        cursor.execute(f"UPDATE IGNORE tree SET above = {2 + other} WHERE id = {500 + some}")
        cursor.execute(f"INSERT IGNORE INTO tree VALUES ({600 + other}, {500 + some}, 'below')")
    else:
        cursor.execute(f"DELETE FROM customer WHERE id BETWEEN {some} AND {some + 2}")


def change_at_random(server, database, rng, statements):
    with server.connect(database) as connection, connection.cursor() as cursor:
        for _ in range(statements):
            some, other = rng.randrange(40), rng.randrange(40)
            cursor.execute("BEGIN")
            try:
                change(cursor, rng.randrange(14), some, other)
            except (pymysql.err.IntegrityError, pymysql.err.OperationalError):  # MySQL 5.6 doesn't IGNORE a foreign key
                cursor.execute("ROLLBACK")
            cursor.execute("ROLLBACK" if rng.randrange(6) == 0 else "COMMIT")


@pytest.fixture(params=["mariadb", "mysql56"])
def server(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def home_database(server):
    name = f"cascades_{time.time_ns()}"
    server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield name
    server.execute(f"DROP DATABASE {name}")


def test_each_rule(server, sandbox, home_database, scratch):
    fill(server, home_database)
    sync(server, sandbox, home_database, scratch / "home", *UNTIL).expect(OK)
    for statements in (["DELETE FROM customer WHERE id = 3"],
                       ["UPDATE customer SET id = 1000 WHERE id = 4", "UPDATE customer SET id = 1001 WHERE id = 1000"],
                       ["DELETE FROM tree WHERE id = 2"],
                       ["DELETE FROM item WHERE orders = 20 AND line = 0"],
                       ["DELETE FROM customer WHERE id BETWEEN 10 AND 20"],
                       ["DELETE FROM tree WHERE id = 1"]):
        server.execute(*statements, database=home_database)
        sync(server, sandbox, home_database, scratch / "home", *UNTIL).expect(OK)
        assert_equal(server, sandbox, home_database)
    rows = {table: sandbox.execute(f"SELECT COUNT(*) FROM {home_database}.{table}")[0][0] for table in ("orders", "item", "tree")}
    assert rows["orders"] == (30 - 12) * 4 and rows["tree"] == 0


def test_order_within_a_transaction(server, sandbox, home_database, scratch):
    """Children that come after their parent came back stay; those from before go."""
    fill(server, home_database)
    sync(server, sandbox, home_database, scratch / "home", *UNTIL).expect(OK)
    with server.connect(home_database) as connection, connection.cursor() as cursor:
        for statement in ("BEGIN", "DELETE FROM customer WHERE id = 5", "INSERT INTO customer VALUES (5, 'back')",
                          "INSERT INTO orders VALUES (5, 5, 'same id'), (900, 5, 'new')", "INSERT INTO item VALUES (900, 1, 'new')",
                          "UPDATE customer SET id = 6000 WHERE id = 6", "UPDATE customer SET id = 6 WHERE id = 7",
                          "UPDATE customer SET id = 7 WHERE id = 6000", "DELETE FROM tree WHERE id = 2",
                          "INSERT INTO tree VALUES (2, 1, 'back'), (5, 2, 'back')", "COMMIT"):
            cursor.execute(statement)
    sync(server, sandbox, home_database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(server, sandbox, home_database)


def test_no_rule_works_while_foreign_keys_are_off(server, sandbox, home_database, scratch):
    fill(server, home_database)
    sync(server, sandbox, home_database, scratch / "home", *UNTIL).expect(OK)
    with server.connect(home_database) as connection, connection.cursor() as cursor:
        for statement in ("SET foreign_key_checks = 0", "BEGIN", "DELETE FROM customer WHERE id = 1", "SET foreign_key_checks = 1",
                          "DELETE FROM customer WHERE id = 2", "COMMIT"):
            cursor.execute(statement)
    sync(server, sandbox, home_database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(server, sandbox, home_database)
    assert sandbox.execute(f"SELECT COUNT(*) FROM {home_database}.orders WHERE customer = 1")[0][0] == 4


def test_any_changes_and_kills(mariadb, sandbox, database, scratch):
    fill(mariadb, database)
    rng = random.Random(5)
    for _ in range(7):
        process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", *FOLLOW, log=scratch / "log")
        time.sleep(0.3)
        deadline = time.monotonic() + 0.5 + rng.random()
        while time.monotonic() < deadline:
            change_at_random(mariadb, database, rng, 10)
        process.kill()
    run = sync(mariadb, sandbox, database, scratch / "home", *UNTIL)
    run.expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_any_changes_during_the_full_load(mariadb, sandbox, database, scratch):
    """Tables are read one after the other while parents and children come and go."""
    fill(mariadb, database)
    mariadb.execute("CREATE TABLE a_filler (id INT PRIMARY KEY, v VARCHAR(50))",
                    "INSERT INTO a_filler SELECT seq, CONCAT('value ', seq) FROM seq_1_to_100000", database=database)
    rng = random.Random(7)
    for _ in range(3):
        process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", *FOLLOW, "--fresh",
                                 "--existing", "truncate", "--chunk-rows", "2000", log=scratch / "log")
        deadline = time.monotonic() + 2 + rng.random()
        while time.monotonic() < deadline:
            change_at_random(mariadb, database, rng, 10)
        process.kill()
        sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
        assert_equal(mariadb, sandbox, database)


def status(scratch):
    run = starlift("status", "t", "--home", scratch / "home", "--json")
    return json.loads(run.out) if run.code == OK else {"phase": None}


PARENTS_COME_AGAIN = [
    "DELETE FROM customer WHERE id = 3", "INSERT INTO customer VALUES (3, 'back')",
    "UPDATE orders SET customer = 3 WHERE id IN (4, 5)",  # with items and remarks, told long ago
    "DELETE FROM tree WHERE id = 2", "INSERT INTO tree VALUES (2, 1, 'back')",
    "UPDATE tree SET above = 2 WHERE id = 3",  # with all that is below it
    "UPDATE customer SET id = 1000 WHERE id = 8", "UPDATE customer SET id = 8 WHERE id = 9",
    "UPDATE customer SET id = 9 WHERE id = 1000",  # orders change sides, and nothing tells of them
    "DELETE FROM customer WHERE id = 12", "UPDATE customer SET id = 12 WHERE id = 13",
]


def test_told_once_more(server, sandbox, home_database, scratch):
    """Parents' keys go, come again and get other children: what was done for the old ones mustn't be done to the new ones."""
    fill(server, home_database)
    process = start_starlift("sync", server.url(home_database), sandbox.url(), "--home", scratch / "home", "--name", "t", *FOLLOW,
                             log=scratch / "log")
    wait_until("the task to follow", lambda: not process.alive() or status(scratch)["phase"] == "incremental")
    start = status(scratch)["checkpoint"]

    def wait_for(mark):
        server.execute(f"INSERT INTO visit VALUES ({mark}, NULL, 'mark')", database=home_database)
        wait_until("the changes", lambda: not process.alive() or
                   sandbox.execute(f"SELECT COUNT(*) FROM {home_database}.visit WHERE id = {mark}")[0][0] == 1)
        assert process.alive(), process.tail()

    server.execute(*PARENTS_COME_AGAIN, database=home_database)
    wait_for(100_000)
    for mark in (100_001, 100_002):
        starlift("restart-from", "t", start, "--home", scratch / "home").expect(OK)
        wait_for(mark)
    process.stop()
    starlift("sync", server.url(home_database), sandbox.url(), "--home", scratch / "home", "--name", "t", *UNTIL).expect(OK)
    assert_equal(server, sandbox, home_database)
    rows = {table: sandbox.execute(f"SELECT COUNT(*) FROM {home_database}.{table}")[0][0] for table in ("orders", "tree")}
    assert rows["orders"] == 120 - 8 and rows["tree"] > 40


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_before_what_was_told_once_more_is_read_again(server, sandbox, home_database, scratch, seed):
    """Rows that went by mistake are gone when the log is told a third time: it doesn't lead to them again."""
    rng = random.Random(seed)
    fill(server, home_database)
    run = ("sync", server.url(home_database), sandbox.url(), "--home", scratch / "home", "--name", "t")
    process = start_starlift(*run, *FOLLOW, log=scratch / "log")
    wait_until("the task to follow", lambda: not process.alive() or status(scratch)["phase"] == "incremental")
    start = status(scratch)["checkpoint"]
    server.execute(*PARENTS_COME_AGAIN, "INSERT INTO visit VALUES (100000, NULL, 'mark')", database=home_database)
    wait_until("the changes", lambda: not process.alive() or
               sandbox.execute(f"SELECT COUNT(*) FROM {home_database}.visit WHERE id = 100000")[0][0] == 1)
    starlift("restart-from", "t", start, "--home", scratch / "home").expect(OK)
    for _ in range(5):
        time.sleep(rng.uniform(0, 1.5))
        process.kill()
        process = start_starlift(*run, *FOLLOW, log=scratch / "log")
    process.kill()
    starlift(*run, *UNTIL).expect(OK)
    assert_equal(server, sandbox, home_database)


def test_any_changes_at_once(server, sandbox, home_database, scratch):
    fill(server, home_database)
    sync(server, sandbox, home_database, scratch / "home", *UNTIL).expect(OK)
    change_at_random(server, home_database, random.Random(11), 300)
    sync(server, sandbox, home_database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(server, sandbox, home_database)


def test_many_parents_at_once(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE parent (id INT PRIMARY KEY)",
                    "CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)",
                    "INSERT INTO parent SELECT seq FROM seq_1_to_10000", "INSERT INTO child SELECT seq, seq MOD 10000 + 1 FROM seq_1_to_30000",
                    database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    mariadb.execute("DELETE FROM parent WHERE id % 2 = 0", *[f"DELETE FROM parent WHERE id = {2 * i + 1}" for i in range(300)], database=database)
    begun = time.monotonic()
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)
    assert time.monotonic() - begun < 60


def test_one_parent_of_many(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE p (id INT PRIMARY KEY)",
                    "CREATE TABLE c (id INT PRIMARY KEY, a INT, b INT, FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE)",
                    "INSERT INTO p VALUES (1), (2)", "INSERT INTO c SELECT seq, 1 + (seq % 20 = 0), seq FROM seq_1_to_200000", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", *FOLLOW, log=scratch / "log")
    time.sleep(2)  # past the stretch in which rows are remembered
    mariadb.execute("DELETE FROM p WHERE id = 1", database=database)
    wait_until("the children to go", lambda: not process.alive() or sandbox.execute(f"SELECT COUNT(*) FROM {database}.c")[0][0] == 10_000)
    process.stop()
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)


@pytest.mark.parametrize("tables, options, why", [
    (["CREATE TABLE p (id INT PRIMARY KEY)", "CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE)"], [], "no key"),
    (["CREATE TABLE p (id INT PRIMARY KEY)", "CREATE TABLE c (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES p (id) ON DELETE SET NULL)"],
     ["--tables", "c"], "not among the tables"),
    (["CREATE TABLE p (id INT PRIMARY KEY, k INT, KEY (k))",
      "CREATE TABLE c (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES p (k) ON DELETE CASCADE)"], [], "the same values"),
    (["CREATE TABLE p (id VARCHAR(20) COLLATE utf8mb4_bin PRIMARY KEY)",
      "CREATE TABLE c (id INT PRIMARY KEY, a VARCHAR(20) COLLATE utf8mb4_bin, FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE)"], [],
     "compares otherwise"),
    (["CREATE TABLE p (id VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY)",
      "CREATE TABLE c (id INT PRIMARY KEY, a VARCHAR(20) COLLATE utf8mb4_general_ci, FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE)"], [],
     "compares otherwise"),
])
def test_what_cannot_be_followed_is_refused(mariadb, sandbox, database, scratch, tables, options, why):
    mariadb.execute(*tables, database=database)
    run = starlift("check", mariadb.url(database), sandbox.url(), "--home", scratch / "home", *FOLLOW, *options)
    run.expect(CHECK_FAILED, "foreign-key-cascades", why)


def test_a_reader_sees_the_rules(server, sandbox, home_database, scratch):
    """Who may only read must not be taken for one whose tables have none."""
    server.execute("CREATE TABLE p (id INT PRIMARY KEY)", f"CREATE TABLE c (id INT PRIMARY KEY, a INT, {RULE})", database=home_database)
    server.execute(f"GRANT SELECT ON {home_database}.* TO 'cascade_reader'@'%' IDENTIFIED BY 'pw'",
                   "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'cascade_reader'@'%'")
    url = server.url(home_database)
    reader = "mysql://cascade_reader:pw@" + url.split("@")[1]
    run = starlift("check", reader, sandbox.url(), "--home", scratch / "home", *FOLLOW)
    run.expect(OK, "its foreign key")
    run = starlift("check", reader, sandbox.url(), "--home", scratch / "home", *FOLLOW, "--tables", "c")
    run.expect(CHECK_FAILED, "not among the tables")


RULE = "FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE"
OTHER_RULE = "FOREIGN KEY (b)\n REFERENCES `p` (id) ON DELETE SET  NULL"


@pytest.fixture
def pair(mariadb, database):
    mariadb.execute("CREATE TABLE p (id INT PRIMARY KEY)", f"CREATE TABLE c (id INT PRIMARY KEY, a INT, b INT, CONSTRAINT rule {RULE})",
                    "INSERT INTO p SELECT seq FROM seq_1_to_100", "INSERT INTO c SELECT seq, seq, seq + 1 FROM seq_1_to_99", database=database)


@pytest.mark.parametrize("statements", [
    [f"ALTER TABLE c ADD CONSTRAINT again {OTHER_RULE}"],
    ["ALTER TABLE c DROP FOREIGN KEY RULE"],
    [f"ALTER TABLE c DROP FOREIGN KEY rule, ADD CONSTRAINT again {OTHER_RULE}"],
    ["ALTER TABLE c DROP FOREIGN KEY rule", f"ALTER TABLE c ADD CONSTRAINT rule {RULE.replace('CASCADE', 'SET NULL')}"],
    [f"CREATE TABLE d (id INT PRIMARY KEY, a INT, {RULE})", "INSERT INTO d SELECT id, id FROM p",
     f"CREATE TABLE IF NOT EXISTS d (id INT PRIMARY KEY, a INT, {RULE})"],
])
def test_rules_that_come_and_go(mariadb, sandbox, database, scratch, pair, statements):
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    mariadb.execute("DELETE FROM p WHERE id < 10", *statements, "DELETE FROM p WHERE id BETWEEN 20 AND 30", "DELETE FROM p WHERE id = 40",
                    "INSERT INTO p VALUES (40)", "DELETE FROM p WHERE id = 40", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_rules_that_come_and_go_while_the_task_runs(mariadb, sandbox, database, scratch, pair):
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--name", "t", *FOLLOW,
                             log=scratch / "log")
    wait_until("the task to follow", lambda: not process.alive() or status(scratch)["phase"] == "incremental")
    for number, statement in enumerate([f"ALTER TABLE c ADD CONSTRAINT again {OTHER_RULE}", "ALTER TABLE c DROP FOREIGN KEY rule",
                                        f"CREATE TABLE d (id INT PRIMARY KEY, a INT, {RULE})"]):
        mariadb.execute(f"UPDATE c SET b = NULL WHERE b = {10 + number}", f"DELETE FROM p WHERE id = {10 + number}", statement, f"DELETE FROM p WHERE id = {20 + number}",
                        f"INSERT INTO p VALUES ({1000 + number})", database=database)
        wait_until("the changes", lambda: not process.alive() or
                   sandbox.execute(f"SELECT COUNT(*) FROM {database}.p WHERE id = {1000 + number}")[0][0] == 1)
    assert process.alive(), process.tail()
    mariadb.execute("INSERT INTO d VALUES (1, 50), (2, 51)", "DELETE FROM p WHERE id = 50", database=database)
    wait_until("the last change", lambda: not process.alive() or sandbox.execute(f"SELECT COUNT(*) FROM {database}.p WHERE id = 50")[0][0] == 0)
    process.stop()
    starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--name", "t", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_a_family_comes_into_a_running_task(mariadb, sandbox, database, scratch, pair):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)", database=database)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--name", "t", "--tables", "t", *FOLLOW,
                             log=scratch / "log")
    wait_until("the task to follow", lambda: not process.alive() or status(scratch)["phase"] == "incremental")
    starlift("add-table", "t", "c", "--home", scratch / "home").expect(CHECK_FAILED, "not among the tables")
    starlift("add-table", "t", "c", "p", "--home", scratch / "home").expect(OK)
    wait_until("the tables", lambda: not process.alive() or
               [table["state"] for table in status(scratch).get("tables", [])] == ["streaming"] * 3, timeout=60)
    mariadb.execute("DELETE FROM p WHERE id = 5", database=database)
    wait_until("the child to go", lambda: not process.alive() or sandbox.execute(f"SELECT COUNT(*) FROM {database}.c")[0][0] == 98)
    process.stop()
    assert_equal(mariadb, sandbox, database)


def test_rules_that_nobody_saw_stop(mariadb, sandbox, database, scratch, pair):
    """A rule that went and came again while the task was away: what happened in between isn't known."""
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    mariadb.execute("ALTER TABLE c DROP FOREIGN KEY rule", "DELETE FROM p WHERE id = 1", "DELETE FROM c WHERE id = 1",
                    f"ALTER TABLE c ADD CONSTRAINT rule {RULE}", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(STOPPED_BY_POLICY, "foreign keys of", "--fresh")
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL, "--fresh", "--existing", "truncate").expect(OK)
    mariadb.execute(f"ALTER TABLE c ADD CONSTRAINT again {OTHER_RULE}", "ALTER TABLE c DROP FOREIGN KEY again", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(STOPPED_BY_POLICY, "doesn't have it any more")


def test_the_childs_key_would_change(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE p (id INT PRIMARY KEY)", "CREATE TABLE c (p INT, n INT, PRIMARY KEY (p, n),"
                    " FOREIGN KEY (p) REFERENCES p (id) ON UPDATE CASCADE ON DELETE CASCADE)", "INSERT INTO p VALUES (1), (2), (3)",
                    "INSERT INTO c VALUES (1, 1), (2, 1)", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    mariadb.execute("DELETE FROM p WHERE id = 1", "UPDATE p SET id = 30 WHERE id = 3", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)
    mariadb.execute("UPDATE p SET id = 20 WHERE id = 2", database=database)
    sync(mariadb, sandbox, database, scratch / "home", *UNTIL).expect(STOPPED_BY_POLICY, "the child's")
