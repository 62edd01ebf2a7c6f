"""pause, resume and restart-from, while a task follows changes."""
import json
from datetime import datetime, timedelta, timezone

import pytest

from harness.process import wait_until
from harness.starlift import CHECK_FAILED, OK, STOPPED_BY_POLICY, USAGE, start_starlift, starlift

from .support import assert_equal, fill_numbers, sync

FOLLOW = ("--phases", "structure,full,incremental")


@pytest.fixture
def task(mariadb, sandbox, database, scratch):
    """A task named `t` that follows one table."""
    fill_numbers(mariadb, database, rows=1000)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--name", "t", *FOLLOW,
                             log=scratch / "log")
    wait_until("the task to follow", lambda: not process.alive() or status(scratch)["phase"] == "incremental")
    assert process.alive(), process.tail()
    yield process
    if process.alive():
        process.stop()


def status(scratch):
    run = starlift("status", "t", "--home", scratch / "home", "--json")
    return json.loads(run.out) if run.code == OK else {"phase": None}


def tell(scratch, command, *arguments):
    return starlift(command, "t", *arguments, "--home", scratch / "home")


def value(sandbox, database, key):
    rows = sandbox.execute(f"SELECT v FROM {database}.t WHERE id = {key}")
    return rows[0][0] if rows else None


def test_pause_holds_changes_back_until_resume(mariadb, sandbox, database, scratch, task):
    mariadb.execute("UPDATE t SET v = 'before' WHERE id = 1", database=database)
    wait_until("the change", lambda: value(sandbox, database, 1) == "before")
    assert "is at the target" in tell(scratch, "pause").expect(OK).out
    assert status(scratch)["paused"]
    mariadb.execute("UPDATE t SET v = 'while paused' WHERE id = 1", database=database)
    assert "paused already" in tell(scratch, "pause").expect(OK).out
    assert value(sandbox, database, 1) == "before"
    assert "goes on" in tell(scratch, "resume").expect(OK).out
    wait_until("the change", lambda: value(sandbox, database, 1) == "while paused")
    assert not status(scratch)["paused"]
    assert status(scratch)["lag_ms"] is not None
    task.stop()
    assert_equal(mariadb, sandbox, database)


def test_a_paused_task_stops_in_order(mariadb, sandbox, database, scratch, task):
    tell(scratch, "pause").expect(OK)
    task.signal(15)
    assert task.wait(30) == 143, task.tail()


def test_restart_from_an_earlier_position_ends_in_the_same_rows(mariadb, sandbox, database, scratch, task):
    start = status(scratch)["checkpoint"]
    mariadb.execute("UPDATE t SET v = 'new' WHERE id < 100", "DELETE FROM t WHERE id = 100", "UPDATE t SET id = 5000 WHERE id = 101", database=database)
    wait_until("the changes", lambda: value(sandbox, database, 5000) is not None)
    sandbox.execute(f"DELETE FROM {database}.t WHERE id = 5000")  # what only the log can bring back
    assert start in tell(scratch, "restart-from", start).expect(OK).out
    wait_until("the changes once more", lambda: value(sandbox, database, 5000) is not None)
    mariadb.execute("INSERT INTO t VALUES (6000, 'after')", database=database)
    wait_until("later changes", lambda: value(sandbox, database, 6000) == "after")
    task.stop()
    assert_equal(mariadb, sandbox, database)


def test_restart_from_a_time(mariadb, sandbox, database, scratch, task):
    mariadb.execute("UPDATE t SET v = 'new' WHERE id = 1", database=database)
    wait_until("the change", lambda: value(sandbox, database, 1) == "new")
    sandbox.execute(f"UPDATE {database}.t SET v = 'damaged' WHERE id = 1")
    hour_ago = datetime.now(timezone.utc) - timedelta(hours=1)
    run = tell(scratch, "restart-from", hour_ago.strftime("%Y-%m-%dT%H:%M:%SZ"))
    if run.code == OK:
        wait_until("the change once more", lambda: value(sandbox, database, 1) == "new")
    else:  # this server's log may not reach back so far
        assert run.code == CHECK_FAILED and "log" in run.err, run
    assert task.alive(), task.tail()


def test_places_that_are_none_are_refused_and_nothing_changes(mariadb, sandbox, database, scratch, task):
    for where in ("nonsense", "2026-13-01T00:00:00Z", "file:no-such-log.000001:4"):
        run = tell(scratch, "restart-from", where)
        assert run.code in (USAGE, CHECK_FAILED, STOPPED_BY_POLICY), run
    mariadb.execute("UPDATE t SET v = 'goes on' WHERE id = 1", database=database)
    wait_until("the change", lambda: value(sandbox, database, 1) == "goes on")


def test_no_commands_during_the_full_load(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=400_000)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--name", "t", *FOLLOW,
                             "--chunk-rows", "5000", log=scratch / "log")
    wait_until("the load", lambda: not process.alive() or status(scratch)["phase"] == "full")
    assert "takes no commands now" in tell(scratch, "pause").expect(CHECK_FAILED).err
    process.stop()


def test_a_table_without_a_key_is_never_told_twice(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE k (v INT)", "INSERT INTO k VALUES (1), (1)", database=database)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--name", "t", *FOLLOW,
                             log=scratch / "log")
    wait_until("the task to follow", lambda: not process.alive() or status(scratch)["phase"] == "incremental")
    start = status(scratch)["checkpoint"]
    mariadb.execute("INSERT INTO k VALUES (1)", database=database)
    wait_until("the row", lambda: sandbox.execute(f"SELECT COUNT(*) FROM {database}.k")[0][0] == 3)
    assert "has no key" in tell(scratch, "restart-from", start).expect(STOPPED_BY_POLICY).err
    process.stop()
    assert_equal(mariadb, sandbox, database)
