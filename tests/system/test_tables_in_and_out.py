"""Tables that come into a task which follows changes, and leave it: add-table, drop-table, other patterns."""
import json
import random
import threading
import time

import pytest

from harness.process import wait_until
from harness.starlift import CHECK_FAILED, OK, USAGE, start_starlift, starlift

from .support import assert_equal, differences, fill_numbers, tables_of

FOLLOW = ("--phases", "structure,full,incremental")
PATIENCE = 120


class Task:
    """A task named `t` in a home of its own, and what its user does with it."""

    def __init__(self, mariadb, sandbox, database, scratch):
        self.mariadb, self.sandbox, self.database, self.scratch = mariadb, sandbox, database, scratch
        self.arguments = (mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--name", "t", *FOLLOW)
        self.process = None

    def start(self, *options):
        self.process = start_starlift("sync", *self.arguments, *options, log=self.scratch / "log")
        return self

    def follow(self, *options):
        self.start(*options)
        self.wait("the task to follow", lambda: self.status()["phase"] == "incremental" and self.status()["running"])
        return self

    def wait(self, what, condition):
        wait_until(what, lambda: not self.process.alive() or condition(), timeout=PATIENCE)
        assert self.process.alive(), self.process.tail()

    def status(self):
        run = starlift("status", "t", "--home", self.scratch / "home", "--json")
        return json.loads(run.out) if run.code == OK else {"phase": None, "tables": []}

    def state_of(self, table):
        return {line["source"]: line["state"] for line in self.status()["tables"]}.get(f"`{self.database}`.`{table}`")

    def tell(self, command, *arguments):
        """Says it to the task, once that takes commands."""
        def run():
            told = starlift(command, "t", *arguments, "--home", self.scratch / "home", timeout=PATIENCE)
            return None if "takes no commands now" in told.err else told
        return wait_until("the task to take commands", run, timeout=PATIENCE)

    def until_caught_up(self, *options):
        return starlift("sync", *self.arguments, *options, "--until-caught-up", timeout=2 * PATIENCE)

    def count(self, table, where="TRUE"):
        try:
            return self.sandbox.execute(f"SELECT COUNT(*) FROM {self.database}.{table} WHERE {where}")[0][0]
        except Exception:
            return -1

    def change(self, *statements):
        self.mariadb.execute(*statements, database=self.database)


@pytest.fixture
def task(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=200)
    made = Task(mariadb, sandbox, database, scratch)
    yield made
    if made.process is not None and made.process.alive():
        made.process.stop()


class Writer:
    """Changes tables all the time, from a thread of its own."""

    def __init__(self, mariadb, database, tables, seed):
        self.mariadb, self.database, self.tables = mariadb, database, tables
        self.rng, self.ending = random.Random(seed), threading.Event()
        self.thread = threading.Thread(target=self.write)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()

    def write(self):
        with self.mariadb.connect(self.database) as connection, connection.cursor() as cursor:
            while not self.ending.is_set():
                table, key = self.rng.choice(self.tables), self.rng.randrange(1, 3000)
                cursor.execute("BEGIN")
                cursor.execute(f"REPLACE INTO {table} VALUES (%s, %s)", (key, f"row {self.rng.random()}"))
                cursor.execute(f"DELETE FROM {table} WHERE id = %s", (self.rng.randrange(1, 3000),))
                cursor.execute(f"UPDATE IGNORE {table} SET id = id + 5000 WHERE id = %s", (self.rng.randrange(1, 3000),))
                cursor.execute("COMMIT")
                time.sleep(0.002)


def test_an_added_table_comes_in_while_the_others_stream_on(mariadb, sandbox, database, task):
    task.follow("--tables", "t")
    fill_numbers(mariadb, database, "late", rows=60_000)
    fill_numbers(mariadb, database, "later", rows=10)
    with Writer(mariadb, database, ["late", "t"], seed=1):
        said = task.tell("add-table", f"{database}.late", f"`{database}`.`later`").expect(OK).out
        assert f"`{database}`.`late`" in said
        task.wait("the table to be listed", lambda: task.state_of("late"))
        assert task.state_of("late") in ("waiting", "loading", "catching up", "streaming")
        task.change("INSERT INTO t VALUES (9001, 'meanwhile')")
        task.wait("a change of another table", lambda: task.count("t", "id = 9001") == 1)
        task.wait("the table to stream", lambda: task.state_of("late") == task.state_of("later") == "streaming")
    task.change("INSERT INTO late VALUES (90001, 'stream')")
    task.wait("a change of the new table", lambda: task.count("late", "id = 90001") == 1)
    task.process.stop()
    task.until_caught_up("--tables", "t").expect(OK)  # also those that no pattern takes
    assert_equal(mariadb, sandbox, database)


@pytest.mark.parametrize("seed", [21, 22])
def test_kills_on_the_way_lose_nothing(mariadb, sandbox, database, task, seed):
    rng = random.Random(seed)
    task.follow("--tables", "t")
    fill_numbers(mariadb, database, "late", rows=40_000)
    fill_numbers(mariadb, database, "small", rows=5)
    with Writer(mariadb, database, ["late", "small", "t"], seed):
        task.tell("add-table", f"{database}.late", f"{database}.small").expect(OK)
        for _ in range(7):
            time.sleep(rng.uniform(0.05, 2.5))
            task.process.kill()
            task.start("--tables", "t", "--chunk-rows", "2000")
        time.sleep(2)
        task.process.kill()
    task.until_caught_up("--tables", "t").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_a_table_without_a_key_comes_in_once(mariadb, sandbox, database, task):
    task.follow("--tables", "t")
    task.change("CREATE TABLE bag (v VARCHAR(20), n INT)", "INSERT INTO bag SELECT 'full', seq % 7 FROM seq_1_to_5000")
    task.tell("add-table", f"{database}.bag").expect(OK)
    for number in range(4):
        task.change(*[f"INSERT INTO bag VALUES ('stream', {i % 3}), ('pair', {i % 3})" for i in range(40)])
        time.sleep(0.3)
        if number % 2:
            task.process.kill()
            task.start("--tables", "t")
    task.process.kill()
    task.until_caught_up("--tables", "t").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_its_definition_may_change_on_the_way(mariadb, sandbox, database, task):
    task.follow("--tables", "t")
    fill_numbers(mariadb, database, "late", rows=30_000)
    task.tell("add-table", f"{database}.late").expect(OK)
    task.change("ALTER TABLE late ADD COLUMN extra INT DEFAULT 7", "UPDATE late SET extra = 1 WHERE id < 100",
                "INSERT INTO late VALUES (90001, 'new', 3)")
    task.wait("the table to stream", lambda: task.state_of("late") == "streaming")
    task.change("ALTER TABLE late ADD COLUMN more VARCHAR(9) DEFAULT 'x'", "UPDATE late SET more = 'y' WHERE id = 5")
    task.process.stop()
    task.until_caught_up("--tables", "t").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_a_dropped_table_stays_at_the_target(mariadb, sandbox, database, task):
    fill_numbers(mariadb, database, "other", rows=50)
    task.follow()
    said = task.tell("drop-table", f"{database}.t").expect(OK).out
    assert f"`{database}`.`t` stays at the target as it is" in said
    task.wait("the table to be out", lambda: task.state_of("other") == "streaming" and task.state_of("t") is None)
    task.change("UPDATE t SET v = 'unseen'", "UPDATE other SET v = 'seen'")
    task.wait("the other table's changes", lambda: task.count("other", "v = 'seen'") == 50)
    assert task.count("t") == 200 and task.count("t", "v = 'unseen'") == 0
    task.process.stop()
    task.until_caught_up().expect(OK)  # its patterns take the table, its user doesn't
    assert task.count("t", "v = 'unseen'") == 0

    task.follow()
    task.tell("add-table", f"{database}.t").expect(CHECK_FAILED, "holds rows", "--existing")
    task.tell("add-table", f"{database}.t", "--existing", "truncate").expect(OK)
    task.wait("the table to stream", lambda: task.state_of("t") == "streaming")
    task.process.stop()
    assert_equal(mariadb, sandbox, database)


def test_a_table_on_its_way_can_be_taken_out(mariadb, sandbox, database, task):
    task.follow("--tables", "t")
    fill_numbers(mariadb, database, "late", rows=100_000)
    task.tell("add-table", f"{database}.late").expect(OK)
    task.tell("drop-table", f"{database}.late").expect(OK)
    task.change("INSERT INTO t VALUES (9001, 'on')")
    task.wait("a change", lambda: task.count("t", "id = 9001") == 1)
    task.wait("the table to be out", lambda: task.state_of("t") == "streaming" and task.state_of("late") is None)


def test_in_and_out_of_a_task_that_does_not_run(mariadb, sandbox, database, task):
    fill_numbers(mariadb, database, "other", rows=50)
    fill_numbers(mariadb, database, "late", rows=1000)
    task.until_caught_up("--tables", "t|other").expect(OK)
    assert "next run" in task.tell("add-table", f"{database}.late").expect(OK).out
    assert "stays at the target" in task.tell("drop-table", "other").expect(OK).out
    task.change("UPDATE other SET v = 'unseen'", "UPDATE late SET v = 'new' WHERE id < 10")
    task.until_caught_up("--tables", "t|other").expect(OK)
    assert not differences(mariadb, sandbox, database, tables="t|late", exact=False)
    assert task.count("other", "v = 'unseen'") == 0

    task.tell("add-table", f"{database}.nowhere").expect(OK)
    task.until_caught_up("--tables", "t|other").expect(CHECK_FAILED, "nowhere")
    task.tell("drop-table", f"{database}.nowhere").expect(OK)
    task.until_caught_up("--tables", "t|other").expect(OK)


def test_what_is_refused(mariadb, sandbox, database, task):
    fill_numbers(mariadb, database, "other", rows=5)
    fill_numbers(mariadb, database, "there", rows=5)
    task.change("CREATE TABLE `T` (id INT PRIMARY KEY)", "CREATE TABLE op (id INT PRIMARY KEY, `__op` INT)",
                "CREATE VIEW seen AS SELECT * FROM t")
    task.follow("--tables", "t|other")
    sandbox.execute(f"CREATE TABLE {database}.there (id INT NOT NULL, v VARCHAR(200)) PRIMARY KEY (id) DISTRIBUTED BY HASH (id) "
                    "PROPERTIES ('replication_num' = '1')",
                    f"INSERT INTO {database}.there VALUES (1, 'of others')")
    for name, word in (("nowhere", "no such table"), ("seen", "no such table"), ("other", "in the task already"), ("T", "case"),
                       ("op", "__op"), ("there", "holds rows")):
        task.tell("add-table", f"{database}.{name}").expect(CHECK_FAILED, word)
    task.tell("add-table", "elsewhere.t").expect(USAGE, "elsewhere")
    task.tell("add-table").expect(USAGE, "no table is named")
    task.tell("drop-table", f"{database}.nowhere").expect(CHECK_FAILED, "not in the task")
    task.tell("drop-table", f"{database}.t", f"{database}.other").expect(CHECK_FAILED, "no table would be left")
    assert task.process.alive(), task.process.tail()
    assert tables_of(sandbox, database) == ["other", "t", "there"]
    starlift("add-table", "unknown", "a.b", "--home", task.scratch / "home").expect(CHECK_FAILED, "no task")


def test_other_patterns_at_the_next_run(mariadb, sandbox, database, task):
    fill_numbers(mariadb, database, "other", rows=50)
    fill_numbers(mariadb, database, "late", rows=5000)
    task.until_caught_up("--tables", "t|other").expect(OK)
    task.change("UPDATE late SET v = 'before' WHERE id < 10", "CREATE TABLE late_too (id INT PRIMARY KEY, v INT)",
                "INSERT INTO late_too VALUES (1, 1)", "UPDATE t SET v = 'while away' WHERE id < 5")
    run = task.until_caught_up("--tables", "t|late.*")
    run.expect(OK, "newly taken", f"`{database}`.`other` is out of the task")
    assert not differences(mariadb, sandbox, database, tables="t|late.*", exact=False)
    task.change("UPDATE other SET v = 'unseen'", "UPDATE late SET v = 'after' WHERE id < 20", "INSERT INTO late_too VALUES (2, 2)",
                "CREATE TABLE late_made (id INT PRIMARY KEY)", "INSERT INTO late_made VALUES (1)")
    task.until_caught_up("--tables", "t|late.*").expect(OK)
    assert not differences(mariadb, sandbox, database, tables="t|late.*", exact=False)
    assert task.count("other") == 50 and task.count("other", "v = 'unseen'") == 0


def test_new_patterns_are_checked_before_anything_changes(mariadb, sandbox, database, task):
    task.change("CREATE TABLE bad (id INT PRIMARY KEY, `__op` INT)")
    task.until_caught_up("--tables", "t").expect(OK)
    task.until_caught_up("--tables", "t|bad").expect(CHECK_FAILED, "__op")
    task.until_caught_up("--tables", "t").expect(OK)
    assert tables_of(sandbox, database) == ["t"]


def test_a_table_that_fails_on_its_way_lets_the_others_go_on(mariadb, sandbox, database, task):
    task.follow("--tables", "t")
    task.change("CREATE TABLE late (k VARCHAR(200) PRIMARY KEY)", "INSERT INTO late VALUES (REPEAT('k', 190))")
    task.tell("add-table", f"{database}.late").expect(OK)
    task.wait("the failure", lambda: task.state_of("late") == "failed")
    task.change("INSERT INTO t VALUES (9001, 'on')")
    task.wait("a change", lambda: task.count("t", "id = 9001") == 1)
    task.process.stop()
    assert task.until_caught_up("--tables", "t").code not in (OK, None)  # not stuck unseen
    task.tell("drop-table", f"{database}.late").expect(OK)
    task.until_caught_up("--tables", "t").expect(OK)


def test_new_tables_that_the_policy_leaves_out(mariadb, sandbox, database, scratch):
    """`create_table: ignore`: their rows don't stop the task, in this run or the next; add-table takes one in."""
    fill_numbers(mariadb, database, rows=20)
    file = scratch / "task.yaml"
    file.write_text(f"version: 1\nname: t\nsource: {{url: '{mariadb.url(database)}'}}\ntarget: {{url: '{sandbox.url()}'}}\n"
                    "schema_changes: {create_table: ignore}\n")
    run = ("sync", file, "--home", scratch / "home", *FOLLOW, "--until-caught-up")
    starlift(*run).expect(OK)
    mariadb.execute("CREATE TABLE n (id INT PRIMARY KEY, v INT)", "INSERT INTO n VALUES (1, 1)", "CREATE TABLE gone (id INT PRIMARY KEY)",
                    "INSERT INTO gone VALUES (1)", "ALTER TABLE n ADD COLUMN w INT", "RENAME TABLE gone TO went", "INSERT INTO went VALUES (2)",
                    "DROP TABLE went", "INSERT INTO t VALUES (1001, 'after')", database=database)
    starlift(*run).expect(OK, "left out", "add-table")
    assert tables_of(sandbox, database) == ["t"]
    mariadb.execute("UPDATE n SET v = 2", "TRUNCATE TABLE n", "INSERT INTO n VALUES (2, 2, 2)", "INSERT INTO t VALUES (1002, 'after')",
                    database=database)
    starlift(*run).expect(OK)
    assert tables_of(sandbox, database) == ["t"]
    assert sandbox.execute(f"SELECT COUNT(*) FROM {database}.t") == ((22,),)
    starlift("verify", file, "--home", scratch / "home").expect(OK)  # it is no table of the task
    starlift("add-table", "t", f"{database}.n", "--home", scratch / "home").expect(OK)
    stored = json.loads(starlift("status", "t", "--home", scratch / "home", "--json").expect(OK).out)
    assert {line["source"]: line["state"] for line in stored["tables"]}[f"`{database}`.`n`"] == "waiting"
    starlift(*run).expect(OK)
    mariadb.execute("INSERT INTO n VALUES (3, 3, 3)", database=database)
    starlift(*run).expect(OK)
    assert_equal(mariadb, sandbox, database)
