"""Ctrl-C, kill -9 and the run after it."""
import json
import signal

import pytest

from harness.process import wait_until
from harness.starlift import OK, start_starlift

from .support import assert_equal, fill_numbers, sync

ROWS = 400_000


def begin(mariadb, sandbox, database, scratch):
    """A run that is in the middle of its work."""
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--chunk-rows", "5000", log=scratch / "log")
    wait_until("rows at the target", lambda: not process.alive() or rows_there(sandbox, database) > 0)
    assert process.alive(), process.tail()
    return process


def rows_there(sandbox, database):
    try:
        return sandbox.execute(f"SELECT COUNT(*) FROM {database}.t")[0][0]
    except Exception:
        return 0


def rows_read(mariadb):
    # What handlers gave out: all rows that any statement read.
    names = ("Handler_read_first", "Handler_read_key", "Handler_read_next", "Handler_read_rnd_next")
    return sum(int(value) for name, value in mariadb.execute("SHOW GLOBAL STATUS LIKE 'Handler_read%'") if name in names)


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stops_in_order_and_goes_on(mariadb, sandbox, database, scratch, number, code):
    fill_numbers(mariadb, database, rows=ROWS)
    process = begin(mariadb, sandbox, database, scratch)
    process.signal(number)
    assert process.wait(30) == code, process.tail()
    assert rows_there(sandbox, database) < ROWS
    sync(mariadb, sandbox, database, scratch / "home", "--chunk-rows", "5000").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_finished_chunks_are_not_read_again(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=ROWS)
    process = begin(mariadb, sandbox, database, scratch)
    wait_until("half of the rows", lambda: not process.alive() or rows_there(sandbox, database) > ROWS // 2)
    process.kill()
    done = rows_there(sandbox, database)
    before = rows_read(mariadb)
    summary = scratch / "summary.json"
    sync(mariadb, sandbox, database, scratch / "home", "--chunk-rows", "5000", "--summary-json", summary).expect(OK)
    # Planning walks over the chunks' bounds; rows are read for what was missing and what was in flight.
    assert rows_read(mariadb) - before < 2.5 * (ROWS - done) + ROWS, (done, json.loads(summary.read_text()))
    assert_equal(mariadb, sandbox, database)


def test_the_target_restarts(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=ROWS)
    process = begin(mariadb, sandbox, database, scratch)
    sandbox.kill()
    sandbox.start()
    assert process.wait(120) == OK, process.tail()
    assert_equal(mariadb, sandbox, database)


def test_the_source_restarts(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=ROWS)
    process = begin(mariadb, sandbox, database, scratch)
    mariadb.kill()
    mariadb.start()
    assert process.wait(120) == OK, process.tail()
    assert_equal(mariadb, sandbox, database)


def test_a_dead_target_ends_with_5_and_the_next_run_goes_on(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=ROWS)
    options = ("--chunk-rows", "5000", "--retry-for", "3s")
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", *options, log=scratch / "log")
    wait_until("rows at the target", lambda: not process.alive() or rows_there(sandbox, database) > 0)
    sandbox.kill()
    assert process.wait(60) == 5, process.tail()
    sandbox.start()
    sync(mariadb, sandbox, database, scratch / "home", *options).expect(OK)
    assert_equal(mariadb, sandbox, database)
