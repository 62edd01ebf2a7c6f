"""Transactions: told whole, once, in order, when they are committed; and what stops the stream."""
import time

import pytest

from harness.mysql_servers import MariaDb, MySql56

from . import dump

SERVERS = ["mariadb", "mysql56"]


@pytest.fixture(params=SERVERS)
def server(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def table(server, request):
    """A fresh database with a table `t`; its URL."""
    name = "groups_" + request.node.name.split("[")[0].replace("test_", "")[:40]
    server.execute(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} CHARACTER SET utf8mb4",
                   f"CREATE TABLE {name}.t (id INT PRIMARY KEY, v VARCHAR(200)) ENGINE=InnoDB")
    return server.url(name)


def session(server, url):
    return server.connect(url.rsplit("/", 1)[1], autocommit=False).cursor()


def text(cell):
    return None if cell is None else bytes.fromhex(cell).decode()


def rows(lines):
    """What each commit tells: (kind, before, after) of its rows."""
    groups, group = [], []
    for line in lines:
        if line["kind"] in ("insert", "update", "delete"):
            image = [None if line[side] is None else tuple(map(text, line[side])) for side in ("before", "after")]
            group.append((line["kind"][0], *image))
        elif line["kind"] == "commit":
            groups.append(group)
            group = []
    assert not group
    return groups


def test_kinds_and_order(server, table):
    start = dump.head(table)
    cursor = session(server, table)
    cursor.execute("INSERT INTO t VALUES (1, 'a'), (2, NULL)")
    cursor.execute("UPDATE t SET v = 'b' WHERE id = 1")
    cursor.execute("COMMIT")
    cursor.execute("UPDATE t SET id = 3 WHERE id = 2")
    cursor.execute("DELETE FROM t WHERE id = 1")
    cursor.execute("COMMIT")
    assert rows(dump.follow(table, start)) == [
        [("i", None, ("1", "a")), ("i", None, ("2", None)), ("u", ("1", "a"), ("1", "b"))],
        [("u", ("2", None), ("3", None)), ("d", ("1", "b"), None)]]


def test_what_is_taken_back_is_not_told(server, table):
    start = dump.head(table)
    cursor = session(server, table)
    cursor.execute("INSERT INTO t VALUES (1, 'kept')")
    cursor.execute("SAVEPOINT a")
    cursor.execute("INSERT INTO t VALUES (2, 'taken back')")
    cursor.execute("ROLLBACK TO a")
    cursor.execute("INSERT INTO t VALUES (3, 'kept')")
    cursor.execute("COMMIT")
    cursor.execute("INSERT INTO t VALUES (4, 'rolled back')")
    cursor.execute("ROLLBACK")
    assert rows(dump.follow(table, start)) == [[("i", None, ("1", "kept")), ("i", None, ("3", "kept"))]]


def test_engines_mixed(server, table):
    """Rows of an engine without transactions stay when the transaction goes."""
    server.execute(f"CREATE TABLE {table.rsplit('/', 1)[1]}.m (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=MyISAM")
    start = dump.head(table)
    cursor = session(server, table)
    cursor.execute("SET SESSION binlog_direct_non_transactional_updates = OFF")
    try:
        cursor.execute("INSERT INTO t VALUES (1, 'rolled back')")
        cursor.execute("INSERT INTO m VALUES (1, 'stays')")
        cursor.execute("SAVEPOINT s")
        cursor.execute("INSERT INTO t VALUES (2, 'rolled back')")
        cursor.execute("INSERT INTO m VALUES (2, 'stays')")
        cursor.execute("ROLLBACK TO s")
        cursor.execute("ROLLBACK")
    except Exception as error:  # GTID mode of MySQL forbids the mixture
        assert "GTID" in str(error)
        return
    cursor.execute("INSERT INTO t VALUES (3, 'kept')")
    cursor.execute("COMMIT")
    told = [row for group in rows(dump.follow(table, start)) for row in group]
    assert sorted(told) == sorted([("i", None, ("1", "stays")), ("i", None, ("2", "stays")), ("i", None, ("3", "kept"))])


def test_positions_by_file(server, table):
    file, offset = server.execute("SHOW MASTER STATUS")[0][:2]
    start = f"file:{file}:{offset}"
    cursor = session(server, table)
    for number in range(5):
        cursor.execute(f"INSERT INTO t VALUES ({number}, 'x')")
        cursor.execute("COMMIT")
        cursor.execute("FLUSH BINARY LOGS")
    file, offset = server.execute("SHOW MASTER STATUS")[0][:2]
    lines = dump.follow(table, start, f"file:{file}:{offset}")
    assert [group[0][2][0] for group in rows(lines)] == ["0", "1", "2", "3", "4"]
    # From each commit's position on come the ones after it, and only they.
    positions = [line["resume"] for line in lines if line["kind"] == "commit"]
    for done, position in enumerate(positions):
        rest = rows(dump.follow(table, position, f"file:{file}:{offset}"))
        assert [group[0][2][0] for group in rest] == [str(n) for n in range(done + 1, 5)]


def test_resumes_by_gtid_at_every_commit(server, table):
    start = dump.head(table)
    cursor = session(server, table)
    for number in range(5):
        cursor.execute(f"INSERT INTO t VALUES ({number}, 'x')")
        cursor.execute("COMMIT")
    end = dump.head(table)
    assert "gtid:" in end
    positions = [line["resume"] for line in dump.follow(table, start, end) if line["kind"] == "commit"]
    for done, position in enumerate(positions):
        rest = rows(dump.follow(table, position, end))
        assert [group[0][2][0] for group in rest] == [str(n) for n in range(done + 1, 5)]


def test_checksums_turned_off_and_on(server, table):
    before = server.execute("SELECT @@global.binlog_checksum")[0][0]
    start = dump.head(table)
    cursor = session(server, table)
    try:
        for number, checksum in enumerate(["NONE", "CRC32", "NONE"]):
            server.execute(f"SET GLOBAL binlog_checksum = {checksum}")
            cursor.execute(f"INSERT INTO t VALUES ({number}, '{checksum}')")
            cursor.execute("COMMIT")
        for checksum in ("NONE", "CRC32"):
            server.execute(f"SET GLOBAL binlog_checksum = {checksum}")
            told = rows(dump.follow(table, start))
            assert [group[0][2][0] for group in told] == ["0", "1", "2"]
    finally:
        server.execute(f"SET GLOBAL binlog_checksum = {before}")


def test_rows_of_more_than_16_mib(server, table):
    database = table.rsplit("/", 1)[1]
    server.execute(f"CREATE TABLE {database}.big (id INT PRIMARY KEY, v LONGBLOB)")
    start = dump.head(table)
    sizes = [(1 << 24) - 100 + k * 10 for k in range(0, 12, 3)] + [20_000_000, 1]
    for number, size in enumerate(sizes):
        server.execute(f"INSERT INTO {database}.big VALUES ({number}, REPEAT('x', {size}))")
    told = rows(dump.follow(table, start, "head", ["big"]))
    assert [len(group[0][2][1]) for group in told] == sizes


def test_large_transactions_are_spilled(server, table):
    database = table.rsplit("/", 1)[1]
    start = dump.head(table)
    cursor = session(server, table)
    cursor.executemany("INSERT INTO t VALUES (%s, %s)", [(n, "x" * 100) for n in range(20_000)])
    cursor.execute("UPDATE t SET v = CONCAT(v, 'y')")
    cursor.execute("COMMIT")
    lines = dump.follow(table, start, BINLOG_DUMP_SPILL=100_000)
    [group] = rows(lines)
    assert len(group) == 40_000
    assert [row[2][0] for row in group[:20_000]] == [str(n) for n in range(20_000)]
    assert dump.replay(lines) == dump.Snapshot(server.url(database)).rows


def test_statement_format_stops(server, table):
    start = dump.head(table)
    database = table.rsplit("/", 1)[1]
    server.execute(f"CREATE TABLE {database}.other (id INT PRIMARY KEY)")
    cursor = session(server, table)
    cursor.execute("SET SESSION binlog_format = 'STATEMENT'")
    cursor.execute("INSERT INTO other VALUES (1)")
    cursor.execute("COMMIT")
    assert rows(dump.follow(table, start, "head", ["t"])) == []
    cursor.execute("UPDATE t SET v = 'x'")
    cursor.execute("INSERT INTO t VALUES (1, 'by statement')")
    cursor.execute("COMMIT")
    with pytest.raises(dump.DumpFailed, match="binlog_format = 'ROW'") as stop:
        dump.follow(table, start, "head", ["t"])
    assert stop.value.code == 4


def test_images_without_what_did_not_change(server, table):
    start = dump.head(table)
    database = table.rsplit("/", 1)[1]
    server.execute(f"CREATE TABLE {database}.w (id INT PRIMARY KEY, a INT, b TEXT)")
    cursor = session(server, table)
    cursor.execute("SET SESSION binlog_row_image = 'MINIMAL'")
    cursor.execute("INSERT INTO w VALUES (1, 2, 'three')")
    cursor.execute("UPDATE w SET a = 5 WHERE id = 1")
    cursor.execute("DELETE FROM w WHERE id = 1")
    cursor.execute("COMMIT")
    lines = [line for line in dump.follow(table, start, "head", ["w"]) if line["kind"] in ("insert", "update", "delete")]
    assert [(line["before_columns"], line["after_columns"]) for line in lines] == [("", ""), ("100", "010"), ("100", "")]
    assert [text(cell) for cell in lines[1]["before"]] == ["1", None, None]
    assert [text(cell) for cell in lines[1]["after"]] == [None, "5", None]


def test_purged_log_stops(workspace):
    server = MariaDb(workspace / "mariadb-purged").start()
    try:
        server.execute("CREATE DATABASE p", "CREATE TABLE p.t (id INT PRIMARY KEY)")
        url = server.url("p")
        start = dump.head(url)
        old = "file:binlog.000001:4"
        server.execute("INSERT INTO p.t VALUES (1)", "FLUSH BINARY LOGS", "INSERT INTO p.t VALUES (2)", "FLUSH BINARY LOGS",
                       "INSERT INTO p.t VALUES (3)")
        for _ in range(100):  # a file stays until the engines have checkpointed what is in it
            server.execute("PURGE BINARY LOGS TO 'binlog.000003'")
            if len(server.execute("SHOW BINARY LOGS")) == 1:
                break
            time.sleep(0.1)
        for position in (start, old):
            for arguments in ((position, "head"), (f"reach:{position}", "-")):
                with pytest.raises(dump.DumpFailed, match="redo the full load") as stop:
                    dump.run(url, *arguments)
                assert stop.value.code == 4
        dump.run(url, f"reach:{dump.head(url)}", "-")
        with pytest.raises(dump.DumpFailed, match="no position"):
            dump.run(url, "reach:nonsense", "-")
    finally:
        server.close()


def test_xa(mariadb):
    """Held until decided; a stream that starts in between begins before the prepare."""
    mariadb.execute("DROP DATABASE IF EXISTS xa", "CREATE DATABASE xa", "CREATE TABLE xa.t (id INT PRIMARY KEY, v VARCHAR(20))")
    url = mariadb.url("xa")
    start = dump.head(url)

    def prepare(name, number):
        cursor = mariadb.connect("xa").cursor()
        for statement in (f"XA START '{name}', 'branch', 7", f"INSERT INTO t VALUES ({number}, '{name}')",
                          f"XA END '{name}', 'branch', 7", f"XA PREPARE '{name}', 'branch', 7"):
            cursor.execute(statement)
        return cursor

    first, second = prepare("decided late", 1), prepare("given up", 2)
    mariadb.execute("INSERT INTO xa.t VALUES (3, 'between')")
    between = dump.follow(url, start)
    assert rows(between) == [[("i", None, ("3", "between"))]]
    resume = [line["resume"] for line in between if line["kind"] == "commit"][-1]
    first.execute("XA COMMIT 'decided late', 'branch', 7")
    second.execute("XA ROLLBACK 'given up', 'branch', 7")
    cursor = mariadb.connect("xa").cursor()
    for statement in ("XA START 'at once'", "INSERT INTO t VALUES (4, 'at once')", "XA END 'at once'", "XA COMMIT 'at once' ONE PHASE"):
        cursor.execute(statement)
    expected = [[("i", None, ("3", "between"))], [("i", None, ("1", "decided late"))], [("i", None, ("4", "at once"))]]
    assert rows(dump.follow(url, start)) == expected
    assert ";read-from=" in resume
    assert rows(dump.follow(url, resume)) == expected[1:]
    with pytest.raises(dump.DumpFailed, match="prepared before") as stop:
        dump.follow(url, _behind_prepare(mariadb, start))
    assert stop.value.code == 4
    # A stream that begins now has to know what was prepared before.
    third = prepare("over the begin", 5)
    begin = dump.head(url)
    assert ";read-from=" in begin
    third.execute("XA COMMIT 'over the begin', 'branch', 7")
    assert rows(dump.follow(url, begin)) == [[("i", None, ("5", "over the begin"))]]


def _behind_prepare(server, start):
    domain, host, sequence = start.split(";")[0].split(":")[1].split("-")
    return f"mariadb-gtid:{domain}-{host}-{int(sequence) + 3}"


def test_create_table_from_select(server, table):
    database = table.rsplit("/", 1)[1]
    server.execute(f"INSERT INTO {database}.t VALUES (1, 'x'), (2, 'y')")
    start = dump.head(table)
    try:
        server.execute(f"CREATE TABLE {database}.c SELECT * FROM {database}.t")
    except Exception as error:  # not in GTID mode of MySQL 5.6
        assert "GTID" in str(error)
        return
    lines = dump.follow(table, start)
    assert [line["kind"] for line in lines if line["kind"] != "end"] == ["schema", "insert", "insert", "commit"]


def test_schema_changes_in_their_place(server, table):
    database = table.rsplit("/", 1)[1]
    cursor = session(server, table)
    start = dump.head(table)
    server.execute(f"CREATE TABLE {database}.s (id INT PRIMARY KEY, a INT UNSIGNED)",
                   f"INSERT INTO {database}.s VALUES (1, 4000000000)",
                   f"ALTER TABLE {database}.s ADD b VARCHAR(10) CHARACTER SET latin1 AFTER id, MODIFY a BIGINT",
                   f"INSERT INTO {database}.s VALUES (2, 'ä', -1)",
                   f"ALTER TABLE {database}.s DROP b", f"INSERT INTO {database}.s VALUES (3, 7)",
                   f"RENAME TABLE {database}.s TO {database}.r", f"INSERT INTO {database}.r VALUES (4, 8)",
                   f"TRUNCATE TABLE {database}.r", f"INSERT INTO {database}.r VALUES (5, 9)", f"DROP TABLE {database}.r")
    del cursor
    lines = dump.follow(table, start, BINLOG_DUMP_NO_TABLES=1)
    assert [line["change"] for line in lines if line["kind"] == "schema"] == [0, 1, 1, 2, 3, 4]
    assert [[text(cell) for cell in line["after"]] for line in lines if line["kind"] == "insert"] == [
        ["1", "4000000000"], ["2", "ä", "-1"], ["3", "7"], ["4", "8"], ["5", "9"]]


@pytest.mark.parametrize("make", [MariaDb, MySql56])
def test_goes_on_after_the_server_was_killed(workspace, make):
    import subprocess
    import threading
    server = make(workspace / f"killed-{make.__name__}", options=["--innodb-flush-log-at-trx-commit=1", "--sync-binlog=1"]).start()
    try:
        server.execute("CREATE DATABASE k", "CREATE TABLE k.t (id INT PRIMARY KEY, v VARCHAR(200))")
        url = server.url("k")
        start = dump.head(url)
        told = {}

        def follow():
            try:
                told["lines"] = dump.follow(url, start, told["until"])
            except (dump.DumpFailed, subprocess.TimeoutExpired) as error:
                told["lines"] = error

        domain = start.rsplit("-" if "mariadb" in start else ":", 1)
        last = int(domain[1].split("-")[-1]) if "mariadb" in start else int(domain[1].split("-")[-1])
        told["until"] = (f"{domain[0]}-{last + 40}" if "mariadb" in start else f"{domain[0]}:1-{last + 40}")
        thread = threading.Thread(target=follow)
        thread.start()
        number = 0
        for _ in range(4):
            for _ in range(10):
                server.execute(f"INSERT INTO k.t VALUES ({number}, 'x')")
                number += 1
            time.sleep(0.3)
            server.kill()
            time.sleep(0.3)
            server.start()
        thread.join(60)
        assert isinstance(told["lines"], list), told["lines"]
        assert [group[0][2][0] for group in rows(told["lines"])] == [str(n) for n in range(40)]
        assert told["lines"][-1]["reconnects"] >= 1
    finally:
        server.close()


def test_alter_in_two_phases(mariadb):
    mariadb.execute("DROP DATABASE IF EXISTS phases", "CREATE DATABASE phases")
    url = mariadb.url("phases")
    start = dump.head(url)
    cursor = mariadb.connect("phases").cursor()
    cursor.execute("SET SESSION binlog_alter_two_phase = 1")
    cursor.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT)")
    cursor.execute("INSERT INTO t VALUES (1, 5), (2, 5)")
    cursor.execute("ALTER TABLE t ADD w INT NOT NULL DEFAULT 7, ALGORITHM=COPY")
    with pytest.raises(Exception, match="Duplicate"):
        cursor.execute("ALTER TABLE t DROP w, ADD UNIQUE (v), ALGORITHM=COPY")
    cursor.execute("INSERT INTO t VALUES (3, 6, 8)")
    lines = dump.follow(url, start, BINLOG_DUMP_NO_TABLES=1)
    assert [line["change"] for line in lines if line["kind"] == "schema"] == [0, 1]
    assert [text(cell) for cell in [line for line in lines if line["kind"] == "insert"][-1]["after"]] == ["3", "6", "8"]


def test_sequences_are_left_out(mariadb):
    mariadb.execute("DROP DATABASE IF EXISTS sequences", "CREATE DATABASE sequences", "CREATE SEQUENCE sequences.s",
                    "CREATE TABLE sequences.t (id BIGINT PRIMARY KEY DEFAULT NEXTVAL(sequences.s))")
    url = mariadb.url("sequences")
    start = dump.head(url)
    mariadb.execute("INSERT INTO sequences.t VALUES ()", "SELECT NEXTVAL(sequences.s)", "INSERT INTO sequences.t VALUES ()")
    told = [row for group in rows(dump.follow(url, start)) for row in group]
    assert told == [("i", None, ("1",)), ("i", None, ("3",))]


def test_failover_by_gtid(workspace):
    """Two servers with one history: the stream goes on at the other from where it was."""
    first = MariaDb(workspace / "first", options=["--gtid-domain-id=3"]).start()
    second = MariaDb(workspace / "second", options=["--gtid-domain-id=3", "--log-slave-updates", "--server-id=12"]).start()
    try:
        first.execute("CREATE USER replica@'%'", "GRANT REPLICATION SLAVE ON *.* TO replica@'%'")
        second.execute(f"CHANGE MASTER TO master_host='127.0.0.1', master_port={first.port}, master_user='replica', "
                       "master_use_gtid=slave_pos", "START SLAVE")
        first.execute("CREATE DATABASE f", "CREATE TABLE f.t (id INT PRIMARY KEY)", "INSERT INTO f.t VALUES (1)")
        start = dump.head(first.url("f"))
        first.execute("INSERT INTO f.t VALUES (2)")
        position = dump.follow(first.url("f"), start)[-1]["position"]
        first.execute("INSERT INTO f.t VALUES (3)")
        for _ in range(100):
            if second.execute("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'f'") == ((1,),) \
                    and second.execute("SELECT COUNT(*) FROM f.t") == ((3,),):
                break
            time.sleep(0.1)
        second.execute("STOP SLAVE", "INSERT INTO f.t VALUES (4)")
        assert rows(dump.follow(second.url("f"), position)) == [[("i", None, ("3",))], [("i", None, ("4",))]]
    finally:
        first.close()
        second.close()


def test_time_is_found(mariadb):
    mariadb.execute("DROP DATABASE IF EXISTS moments", "CREATE DATABASE moments", "CREATE TABLE moments.t (id INT PRIMARY KEY)")
    url = mariadb.url("moments")
    times = []
    for number in range(3):
        time.sleep(1.1)
        times.append(time.time())
        time.sleep(1.1)
        mariadb.execute(f"INSERT INTO moments.t VALUES ({number})", "FLUSH BINARY LOGS")
    for number, moment in enumerate(times):
        [position] = dump.run(url, f"time:{int(moment * 1_000_000)}", "-")
        told = rows(dump.follow(url, position))
        assert [group[0][2][0] for group in told] == [str(n) for n in range(number, 3)]
    with pytest.raises(dump.DumpFailed, match="begins later"):
        dump.run(url, "time:1000000", "-")
