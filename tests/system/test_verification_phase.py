"""`--phases …,verification`: both ends are compared once the task has caught up, beside the stream."""
import json
import threading

from harness.process import wait_until
from harness.starlift import DATA_DIFFERS, OK, USAGE, start_starlift, starlift

from .support import fill_numbers, sync

ROWS = 20_000
ALL = "structure,full,incremental,verification"


def status(task, home):
    return json.loads(starlift("status", task, "--home", home, "--json").expect(OK).out)


def test_after_the_load(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=ROWS)
    options = ("--name", "shop", "--phases", "structure,full,verification")
    run = sync(mariadb, sandbox, database, scratch / "home", *options).expect(OK)
    assert f"equal: 1 tables, {ROWS} rows" in run.out, run
    verified = status("shop", scratch / "home")["tables"][0]["verified"]
    assert (verified["equal"], verified["differing"]) == (True, 0) and verified["unix_ms"] > 0
    assert "equal, 20" in starlift("status", "shop", "--home", scratch / "home").expect(OK).out

    sandbox.execute(f"DELETE FROM {database}.t WHERE id IN (5, 6)")
    run = sync(mariadb, sandbox, database, scratch / "home", *options).expect(DATA_DIFFERS)
    assert "DIFFERENT" in run.out and "id = '5'" in run.out, run
    verified = status("shop", scratch / "home")["tables"][0]["verified"]
    assert (verified["equal"], verified["differing"]) == (False, 2)


def test_beside_the_stream_nothing_that_changes_is_a_difference(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=ROWS)
    over = threading.Event()

    def change():
        with mariadb.connect(database) as connection, connection.cursor() as cursor:
            number = 0
            while not over.is_set():
                number += 1
                cursor.execute("REPLACE INTO t VALUES (%s, %s)", (number * 7919 % (ROWS + 50), f"again {number}"))
                cursor.execute("DELETE FROM t WHERE id = %s", (number * 104729 % ROWS,))

    writer = threading.Thread(target=change)
    writer.start()
    try:
        run = sync(mariadb, sandbox, database, scratch / "home", "--phases", ALL, "--until-caught-up")
    finally:
        over.set()
        writer.join()
    run.expect(OK, "equal: 1 tables")


def test_the_stream_goes_on_after_it(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=100)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--name", "stays",
                             "--phases", ALL, log=scratch / "log")
    wait_until("the verification", lambda: not process.alive() or "equal: 1 tables" in (scratch / "log").read_text())
    mariadb.execute("INSERT INTO t VALUES (1000, 'later')", database=database)
    wait_until("the change", lambda: not process.alive() or sandbox.execute(f"SELECT COUNT(*) FROM {database}.t")[0][0] == 101)
    assert process.alive(), process.tail()
    seen = status("stays", scratch / "home")
    assert seen["phase"] == "incremental" and seen["tables"][0]["verified"]["equal"]
    process.signal(15)
    assert process.wait(30) == 143, process.tail()


def test_alone_it_is_another_command(mariadb, sandbox, database, scratch):
    sync(mariadb, sandbox, database, scratch / "home", "--phases", "verification").expect(USAGE, "starlift verify")


def test_a_task_named_like_a_directory(scratch):
    """`status` once took the directory for a task file, and died of reading it."""
    (scratch / "shop").mkdir()
    run = starlift("status", "shop", "--home", scratch / "home", cwd=scratch)
    assert "no task shop" in run.err, run
    starlift("sync", "shop/", cwd=scratch).expect(USAGE, "is a directory")
