"""A transaction that is much larger than the memory for changes: all of it arrives, and little memory is used."""
import os
import subprocess

from harness.paths import starlift_binary
from harness.starlift import OK

from .support import assert_equal, sync

UNTIL = ("--phases", "structure,full,incremental", "--until-caught-up")
ROWS = 300_000
MOST_MB = 128


def run_measured(mariadb, sandbox, database, home) -> float:
    """Follows to the log's end; the most memory that it had, in MB."""
    argv = [str(starlift_binary()), "sync", mariadb.url(database), sandbox.url(), "--home", str(home), *UNTIL,
            "--changes-memory", "8MiB", "--progress", "none"]
    with open(f"{home}.log", "ab") as log:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == OK, open(f"{home}.log", encoding="utf-8").read()[-4000:]
    return usage.ru_maxrss / 1024


def test_one_transaction_larger_than_memory(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200), n INT)", database=database)
    home = scratch / "home"
    sync(mariadb, sandbox, database, home, *UNTIL).expect(OK)
    mariadb.execute(f"INSERT INTO t SELECT seq, REPEAT(CHAR(97 + seq % 26), 100), 0 FROM seq_1_to_{ROWS}", database=database)
    seen = [run_measured(mariadb, sandbox, database, home)]
    assert_equal(mariadb, sandbox, database)
    mariadb.execute("UPDATE t SET n = id, v = CONCAT('changed ', id)", database=database)
    seen.append(run_measured(mariadb, sandbox, database, home))
    assert_equal(mariadb, sandbox, database)
    assert max(seen) < MOST_MB, f"memory used: {seen} MB"


def test_a_first_transaction_larger_than_memory_without_a_key(mariadb, sandbox, database, scratch):
    """What follows a keyless table's snapshot isn't kept back until its commit."""
    mariadb.execute("CREATE TABLE t (n INT, v VARCHAR(1500))", "INSERT INTO t VALUES (0, 'by the snapshot'), (0, 'by the snapshot')", database=database)
    home = scratch / "home"
    sync(mariadb, sandbox, database, home, *UNTIL).expect(OK)
    mariadb.execute(f"INSERT INTO t SELECT seq % 1000, REPEAT(CHAR(97 + seq % 26), 1200) FROM seq_1_to_{ROWS // 3}", database=database)
    seen = run_measured(mariadb, sandbox, database, home)
    assert_equal(mariadb, sandbox, database)
    assert seen < MOST_MB, f"memory used: {seen} MB"
