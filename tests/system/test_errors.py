"""Every way that a user can get it wrong: one clear message with the mend, and the documented exit code."""
import subprocess

import pytest

from harness.paths import starlift_binary
from harness.ports import free_port
from harness.starlift import CHECK_FAILED, OK, STOPPED_BY_POLICY, UNREACHABLE, USAGE, Run, starlift

from .support import assert_equal, fill_numbers, sync


def brief(run, *words):
    """The message is one that people can read: says the words, shows no insides."""
    said = run.err + run.out
    for word in words:
        assert word.lower() in said.lower(), f"nothing about {word!r}\n{run}"
    for inside in ("terminate called", "std::", "Aborted", "Segmentation", "nullptr", "AddressSanitizer"):
        assert inside not in said, run
    return run


SHORT = ("--retry-for", "2s")


def test_wrong_source_password(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE USER IF NOT EXISTS 'locked'@'%' IDENTIFIED BY 'right'")
    run = starlift("sync", mariadb.url(database, "locked", "wrong-pw"), sandbox.url(), "--home", scratch / "home", *SHORT)
    assert run.code == CHECK_FAILED, run
    brief(run, "locked", "password", str(mariadb.port))
    assert "wrong-pw" not in run.err + run.out


def test_wrong_target_password(mariadb, sandbox, database, scratch):
    sandbox.execute("CREATE USER 'locked'@'%' IDENTIFIED BY 'right'")
    run = starlift("sync", mariadb.url(database), sandbox.url("", "locked", "wrong-pw"), "--home", scratch / "home", *SHORT)
    assert run.code == CHECK_FAILED, run
    brief(run, "locked", "password", str(sandbox.query_port))
    assert "wrong-pw" not in run.err + run.out


def test_nobody_listens_at_the_source(sandbox, scratch):
    port = free_port()
    run = starlift("sync", f"mysql://root@127.0.0.1:{port}/x", sandbox.url(), "--home", scratch / "home", *SHORT)
    assert run.code == UNREACHABLE, run
    brief(run, f"127.0.0.1:{port}", "refused")


def test_nobody_listens_at_the_query_port(mariadb, database, scratch):
    port = free_port()
    run = starlift("sync", mariadb.url(database), f"starrocks://root@127.0.0.1:{port}/?http_port={free_port()}", "--home", scratch / "home", *SHORT)
    assert run.code == UNREACHABLE, run
    brief(run, f"127.0.0.1:{port}", "refused")


def test_nobody_listens_at_the_load_port(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database)
    port = free_port()
    run = starlift("sync", mariadb.url(database), sandbox.url(http_port=port), "--home", scratch / "home", *SHORT)
    # The check finds it, beside all else that it finds.
    assert run.code in (CHECK_FAILED, UNREACHABLE), run
    brief(run, f"127.0.0.1:{port}", "http")


def test_the_ports_are_mixed_up(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database)
    run = starlift("sync", mariadb.url(database), sandbox.url(query_port=sandbox.http_port), "--home", scratch / "home", *SHORT, timeout=60)
    assert run.code in (CHECK_FAILED, UNREACHABLE), run
    brief(run, str(sandbox.http_port))
    run = starlift("sync", mariadb.url(database), sandbox.url(http_port=sandbox.query_port), "--home", scratch / "home", *SHORT, timeout=60)
    assert run.code in (CHECK_FAILED, UNREACHABLE), run
    brief(run, str(sandbox.query_port))


def test_a_host_that_does_not_exist(sandbox, scratch):
    run = starlift("sync", "mysql://root@no-such-host.invalid:3306/x", sandbox.url(), "--home", scratch / "home", *SHORT, timeout=60)
    assert run.code == UNREACHABLE, run
    brief(run, "no-such-host.invalid")


def test_a_source_that_is_no_mysql(sandbox, scratch):
    run = starlift("sync", f"mysql://root@127.0.0.1:{sandbox.http_port}/x", sandbox.url(), "--home", scratch / "home", *SHORT, timeout=60)
    assert run.code in (CHECK_FAILED, UNREACHABLE), run
    brief(run, str(sandbox.http_port))


def test_no_select_privilege(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, "visible", rows=3)
    fill_numbers(mariadb, database, "hidden", rows=3)
    mariadb.execute("CREATE USER IF NOT EXISTS 'half'@'%'", f"GRANT SELECT (id) ON {database}.hidden TO 'half'@'%'", f"GRANT SELECT ON {database}.visible TO 'half'@'%'")
    run = starlift("sync", mariadb.url(database, "half"), sandbox.url(), "--home", scratch / "home", *SHORT)
    # A column that the login may not see would be left out in silence.
    assert run.code == CHECK_FAILED, run
    brief(run, "grant", "hidden")


def test_no_privilege_at_the_target(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database)
    sandbox.execute("CREATE USER 'poor'@'%' IDENTIFIED BY ''", f"CREATE DATABASE {database}")
    run = starlift("sync", mariadb.url(database), sandbox.url("", "poor"), "--home", scratch / "home", *SHORT)
    assert run.code == CHECK_FAILED, run
    brief(run, "grant", "poor")


def test_a_missing_database(mariadb, sandbox, scratch):
    run = starlift("sync", mariadb.url("no_such_database"), sandbox.url(), "--home", scratch / "home", *SHORT)
    assert run.code == CHECK_FAILED, run
    brief(run, "no_such_database")


def test_a_missing_table(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, "orders")
    run = sync(mariadb, sandbox, database, scratch / "home", "--tables", "ordres")
    assert run.code == CHECK_FAILED, run
    brief(run, "ordres")


@pytest.mark.parametrize("arguments, words", [
    (["sync"], ["source"]),
    (["sync", "mysql://root@h/x"], ["target"]),
    (["sync", "informix://root@h/x", "starrocks://root@h/x"], ["informix", "mysql"]),
    (["sync", "mysql://root@h/x", "postgres://root@h/x"], ["starrocks"]),
    (["sync", "mysql://root@h:99999/x", "starrocks://root@h/x"], ["99999"]),
    (["sync", "mysql://root@h/x", "starrocks://root@h/x?http_prot=1"], ["http_prot", "http"]),
    (["sync", "mysql://root@h/x", "starrocks://root@h/x", "--tables", "("], ["("]),
    (["sync", "mysql://root@h/x", "starrocks://root@h/x", "--phases", "ful"], ["ful", "full"]),
    (["sync", "mysql://root@h/x", "starrocks://root@h/x", "--readers", "many"], ["readers", "many"]),
    (["sync", "mysql://${env:STARLIFT_NOT_SET}@h/x", "starrocks://root@h/x"], ["STARLIFT_NOT_SET"]),
    (["sync", "no-such-task.yaml"], ["no-such-task.yaml"]),
    (["sync", "mysql:///x", "starrocks://root@h/x"], ["no host", "mysql://user@host"]),
    (["sync", "mysql://root@h/x", "starrocks:///"], ["no host", "starrocks://user@host"]),
    (["sync", "mysql://root:${file:/no/such:pw}@h/x", "starrocks://root@h/"], ["/no/such", "read it"]),
    (["check", "mysql://root@h/x"], ["target"]),
    (["sandbox", "--query-port", "x"], ["query-port"]),
])
def test_usage(arguments, words, scratch):
    run = starlift(*arguments, cwd=scratch, timeout=20)
    assert run.code == USAGE, run
    brief(run, *words)


@pytest.mark.parametrize("arguments, code, words", [
    (["--home", "/proc/nosuch"], STOPPED_BY_POLICY, ["/proc/nosuch", "--home"]),
    (["--home", "data", "--bind", "300.1.1.1"], USAGE, ["300.1.1.1", "--bind"]),
    (["--home", "data", "--set", "nosuch=1"], USAGE, ["nosuch", "label_keep_max_second"]),
    (["--home", "data", "--set", "label_keep_max_num=x"], USAGE, ["label_keep_max_num", "number"]),
    (["--home", "data", "--fault", "nosuch"], USAGE, ["nosuch", "lose_answer"]),
    (["--home", "data", "--memory", "lots"], USAGE, ["lots", "MiB"]),
])
def test_a_sandbox_that_cannot_start(arguments, code, words, scratch):
    run = starlift("sandbox", "--query-port", 0, "--http-port", 0, "--be-http-port", 0, *arguments, cwd=scratch, timeout=20)
    assert run.code == code, run
    brief(run, *words)


def test_a_sandbox_whose_port_or_folder_is_taken(sandbox, scratch):
    ports = ("--http-port", 0, "--be-http-port", 0)
    run = starlift("sandbox", "--home", scratch / "data", "--query-port", sandbox.query_port, *ports, timeout=20)
    assert run.code == CHECK_FAILED, run
    brief(run, str(sandbox.query_port), "another port")
    run = starlift("sandbox", "--home", sandbox.home, "--query-port", 0, *ports, timeout=20)
    assert run.code == CHECK_FAILED, run
    brief(run, str(sandbox.home), "another")


def test_the_targets_disk_is_full(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database)
    sandbox.fault("disk_full")
    run = sync(mariadb, sandbox, database, scratch / "home", *SHORT)
    assert run.code not in (OK, USAGE), run
    brief(run, "disk", f"`{database}`.`t`")
    sandbox.heal()
    sync(mariadb, sandbox, database, scratch / "home", *SHORT).expect(OK)


def test_our_own_disk_is_full(mariadb, sandbox, database, scratch):
    """A limit on the size of files stands in for a full disk: writes fail with an error, not with a signal."""
    fill_numbers(mariadb, database, rows=50_000)
    argv = [str(a) for a in (starlift_binary(), "sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--chunk-rows", "20", *SHORT)]
    done = subprocess.run(["bash", "-c", 'trap "" XFSZ; ulimit -f 60; exec "$@"', "bash", *argv], capture_output=True, timeout=120)
    run = Run(argv, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    assert run.code not in (OK, USAGE, -6, -11), run
    brief(run, str(scratch / "home"))
    sync(mariadb, sandbox, database, scratch / "home", "--chunk-rows", "20").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_home_that_cannot_be_written(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=3)
    blocked = scratch / "file"
    blocked.write_text("")
    run = sync(mariadb, sandbox, database, blocked / "home", *SHORT)
    assert run.code not in (OK, -6, -11), run
    brief(run, str(blocked))


def test_two_at_once(mariadb, sandbox, database, scratch):
    from harness.process import wait_until
    from harness.starlift import start_starlift

    fill_numbers(mariadb, database, rows=300_000)
    first = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--chunk-rows", "1000", log=scratch / "log")
    try:
        wait_until("the first run to begin", lambda: not first.alive() or b"t" in (scratch / "log").read_bytes() and any((scratch / "home").rglob("*")))
        run = sync(mariadb, sandbox, database, scratch / "home", "--chunk-rows", "1000", timeout=30)
        if first.alive():
            assert run.code != OK, run
            brief(run, "already", str(first.pid))
    finally:
        first.close()
