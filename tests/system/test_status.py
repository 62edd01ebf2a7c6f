"""`starlift status` while a task runs, and when it doesn't."""
import json
import os
import stat

from harness.process import wait_until
from harness.starlift import CHECK_FAILED, OK, USAGE, start_starlift, starlift

from .support import fill_numbers, sync

ROWS = 400_000


def status(*task):
    return json.loads(starlift("status", *task, "--json").expect(OK).out)


def test_status_of_a_running_and_of_an_ended_task(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=ROWS)
    home = scratch / "home"
    ends = (mariadb.url(database), sandbox.url())
    options = ("--home", home, "--phases", "structure,full")
    process = start_starlift("sync", *ends, *options, "--name", "shop", "--chunk-rows", "5000", log=scratch / "log")
    wait_until("the task to answer", lambda: not process.alive() or any((home / "control").glob("*.sock")))
    socket = next((home / "control").glob("*.sock"))
    assert stat.S_IMODE(os.stat(socket).st_mode) == 0o600
    wait_until("rows to flow", lambda: not process.alive() or status("shop", "--home", home)["tables"])
    assert process.alive(), process.tail()
    seen = status("shop", "--home", home)
    assert (seen["running"], seen["phase"]) == (True, "full")
    assert seen["tables"][0]["source"] == f"`{database}`.`t`"
    # By its two ends it is another name for the same only if no name was given.
    starlift("status", *ends, *options).expect(CHECK_FAILED)
    assert process.wait(60) == OK, process.tail()
    assert not socket.exists()

    ended = status("shop", "--home", home)
    assert (ended["running"], ended["phase"]) == (False, "done")
    assert [(t["state"], t["rows_loaded"]) for t in ended["tables"]] == [("done", ROWS)]
    text = starlift("status", "shop", "--home", home).expect(OK).out
    assert "not running" in text and "400,000" in text


def test_commands_to_a_task_that_does_not_run(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=10)
    sync(mariadb, sandbox, database, scratch / "home", "--name", "small", "--phases", "structure,full").expect(OK)
    for command in (["pause", "small"], ["resume", "small"], ["restart-from", "small", "file:a:4"]):
        run = starlift(*command, "--home", scratch / "home").expect(CHECK_FAILED)
        assert "isn't running" in run.err and "starlift sync" in run.err
    assert "no task nobody" in starlift("status", "nobody", "--home", scratch / "home").expect(CHECK_FAILED).err
    assert "POSITION|TIME is missing" in starlift("restart-from", "small", "--home", scratch / "home").expect(USAGE).err
