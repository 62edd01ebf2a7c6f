"""What loaders ask of the sandbox: partitions made by loads, transactions of several tables, changes of keys at speed, ALTER
while loads run, labels that are forgotten, null mode."""
import threading
import time

import pytest

from harness.sandbox import Sandbox
from harness.stream_load import label_state, load, transaction, transaction_load

KEYED = """CREATE TABLE {} (k BIGINT NOT NULL, v VARCHAR(20) DEFAULT "none", n INT) PRIMARY KEY (k)
           DISTRIBUTED BY HASH (k) BUCKETS 1 PROPERTIES ("replication_num" = "1")"""


@pytest.fixture
def server(scratch):
    running = Sandbox(scratch / "sandbox").start()
    running.execute("CREATE DATABASE d")
    yield running
    running.close()


def partitions(server, table):
    return {row[1]: int(row[17]) for row in server.execute(f"SHOW PARTITIONS FROM {table}", database="d")}


def wait_for_alter(server, table, state="FINISHED", seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        jobs = server.execute(f'SHOW ALTER TABLE COLUMN FROM d WHERE TableName = "{table}" ORDER BY JobId DESC LIMIT 1')
        if jobs and jobs[0][9] == state:
            return
        time.sleep(0.05)
    raise AssertionError(f"no ALTER of {table} came to {state}: {jobs}")


def test_loads_and_inserts_make_partitions(server):
    server.execute("""CREATE TABLE days (dt DATETIME, v INT) PARTITION BY date_trunc('day', dt)
                      DISTRIBUTED BY HASH (v) PROPERTIES ("replication_num" = "1")""",
                   """CREATE TABLE cities (city VARCHAR(10), v INT) PARTITION BY (city)
                      DISTRIBUTED BY HASH (v) PROPERTIES ("replication_num" = "1")""",
                   """CREATE TABLE months (dt DATE, city VARCHAR(10), v INT) PARTITION BY date_trunc('month', dt), city
                      DISTRIBUTED BY HASH (v) PROPERTIES ("replication_num" = "1")""", database="d")
    assert load(server, "d.days", "2024-03-05 10:00:00,1\n2024-03-05 23:59:59,2\n2024-04-01,3\n\\N,4\n")["Status"] == "Success"
    assert partitions(server, "days") == {"p20240305": 2, "p20240401": 1, "p00000101": 1}
    assert load(server, "d.days", "2024-03-05,5\n2025-01-01,6\n")["Status"] == "Success"
    assert partitions(server, "days") == {"p20240305": 3, "p20240401": 1, "p00000101": 1, "p20250101": 1}
    # Partitions that are named are not made.
    assert load(server, "d.days", "2026-01-01,7\n", partitions="p20250101")["Status"] == "Fail"
    assert "p20260101" not in partitions(server, "days")

    server.execute('INSERT INTO cities VALUES ("a", 1), ("b-1", 2), (NULL, 3), ("a", 4)', "BEGIN",
                   'INSERT INTO cities VALUES ("z", 5)', "COMMIT", database="d")
    assert partitions(server, "cities") == {"pa": 2, "pb1": 1, "pNULL": 1, "pz": 1}
    server.execute("ALTER TABLE cities DROP PARTITION pa", database="d")
    assert server.execute("SELECT v FROM cities ORDER BY v", database="d") == ((2,), (3,), (5,))

    assert load(server, "d.months", "2024-03-05,x,1\n2024-03-31,x,2\n2024-03-01,y,3\n")["Status"] == "Success"
    assert partitions(server, "months") == {"p20240301_x": 2, "p20240301_y": 1}
    server.execute("TRUNCATE TABLE months PARTITION (p20240301_x)", database="d")
    assert server.execute("SELECT city, v FROM months", database="d") == (("y", 3),)
    server.kill()
    server.start()
    assert partitions(server, "months") == {"p20240301_x": 0, "p20240301_y": 1}


def test_partitions_are_made_while_tables_are_altered_and_loaded(server):
    """Both need the catalog and the table; neither may wait for the other for ever."""
    server.execute("""CREATE TABLE days (dt DATE, v INT) PARTITION BY date_trunc('day', dt)
                      DISTRIBUTED BY HASH (v) PROPERTIES ("replication_num" = "1")""", database="d")
    answers = []

    def write(worker):
        for i in range(10):
            answers.append(load(server, "d.days", f"2024-{worker + 1:02}-{i + 1:02},{i}\n")["Status"])
            server.execute(f'INSERT INTO days VALUES ("2023-{worker + 1:02}-{i + 1:02}", {i})', database="d")

    writers = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for writer in writers:
        writer.start()
    for i in range(10):
        server.execute(f"ALTER TABLE days ADD PARTITION q{i} VALUES [('2030-01-{i + 1:02}'), ('2030-01-{i + 2:02}'))",
                       f"ALTER TABLE days DROP PARTITION q{i}", database="d")
    for writer in writers:
        writer.join(60)
        assert not writer.is_alive()
    assert answers == ["Success"] * 40
    assert partitions(server, "days") == {f"p{year}{m:02}{d:02}": 1 for year in (2023, 2024) for m in range(1, 5) for d in range(1, 11)}


def test_a_transaction_of_several_tables(server):
    server.execute(KEYED.format("a"), KEYED.format("b"), database="d")
    multi = {"db": "d", "transaction_type": "multi"}
    begun = transaction(server, "begin", label="m1", **multi)
    assert begun["Status"] == "OK" and begun["TxnId"] > 0
    for table, rows in (("a", "1,x,1\n"), ("b", "7,y,7\n8,z,8\n"), ("a", "2,x,2\n")):
        assert transaction_load(server, rows, table=table, label="m1", **multi)["Status"] == "OK"
    assert label_state(server, "d", "m1") == "PREPARE"
    assert transaction(server, "prepare", label="m1", **multi)["Status"] == "OK"
    assert server.execute("SELECT count(*) FROM a", database="d") == ((0,),)
    committed = transaction(server, "commit", label="m1", **multi)
    assert (committed["Status"], committed["NumberLoadedRows"]) == ("OK", 4)
    assert transaction(server, "commit", label="m1", **multi)["Status"] == "OK"
    assert label_state(server, "d", "m1") == "VISIBLE"
    assert server.execute("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)", database="d") == ((2, 2),)

    transaction(server, "begin", label="m2", **multi)
    transaction_load(server, "3,x,3\n", table="a", label="m2", **multi)
    transaction_load(server, "9,y,no number\n", table="b", label="m2", strict_mode="true", **multi)
    assert transaction(server, "commit", label="m2", **multi)["Status"] != "OK"
    assert label_state(server, "d", "m2") == "ABORTED"
    assert server.execute("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)", database="d") == ((2, 2),)

    transaction(server, "begin", label="m3", **multi)
    transaction_load(server, "3,x,3\n", table="a", label="m3", **multi)
    assert transaction(server, "rollback", label="m3", **multi)["Status"] == "OK"
    assert label_state(server, "d", "m3") == "ABORTED"


def test_the_time_zone_of_a_load(server):
    server.execute("""CREATE TABLE t (k INT, made DATETIME DEFAULT CURRENT_TIMESTAMP, computed DATETIME)
                      PROPERTIES ("replication_num" = "1")""", database="d")
    for key, zone in enumerate(("+00:00", "+09:00", "-03:30", "Asia/Kolkata")):
        answer = load(server, "d.t", f"{key}\n", columns="k, computed = now()", timezone=zone)
        assert answer["Status"] == "Success", answer
    rows = server.execute("""SELECT round(timestampdiff(MINUTE, utc_timestamp(), made) / 15) * 15,
                             round(timestampdiff(MINUTE, utc_timestamp(), computed) / 15) * 15 FROM t ORDER BY k""", database="d")
    assert rows == ((0, 0), (540, 540), (-210, -210), (330, 330))
    assert "Unknown or incorrect time zone" in load(server, "d.t", "1\n", columns="k", timezone="+9:x")["Message"]
    # A session's zone, and conversions between offsets and names.
    assert server.execute("SET time_zone = '+02:00'", "SELECT timestampdiff(HOUR, utc_timestamp(), now())",) == ((2,),)
    assert server.execute("SELECT convert_tz('2024-01-01 12:00:00', '+00:00', '+05:30'), "
                          "convert_tz('2024-01-01 12:00:00', 'Asia/Tokyo', 'UTC')")[0][0].hour == 17


def test_changes_of_keys_at_speed(server):
    """Ten tables at five loads a second, each of 200 upserts and deletes: 10,000 changes a second."""
    tables = [f"t{i}" for i in range(10)]
    server.execute(*(KEYED.format(table) for table in tables), database="d")
    rounds, changes = 10, 200
    slow, answers = [], []

    def apply(table):
        due = time.monotonic()
        for n in range(rounds):
            # The last one of a key wins; every seventh key goes.
            rows = "".join(f"{i % 100},{n}:{i},{i},{1 if i % 7 == 0 else 0}\n" for i in range(changes))
            answers.append(load(server, f"d.{table}", rows, columns="k, v, n, __op")["Status"])
            due += 0.2
            slow.append(max(0.0, time.monotonic() - due))
            time.sleep(max(0.0, due - time.monotonic()))

    begin = time.monotonic()
    workers = [threading.Thread(target=apply, args=(table,)) for table in tables]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    took = time.monotonic() - begin
    print(f"{rounds * changes * len(tables) / took:.0f} changes/s, latest {max(slow):.2f} s behind")
    assert answers == ["Success"] * (rounds * len(tables))
    expected = tuple((k, f"{rounds - 1}:{k + 100}") for k in range(100) if (k + 100) % 7 != 0)
    for table in tables:
        assert server.execute(f"SELECT k, v FROM {table} ORDER BY k", database="d") == expected


def test_partial_updates(server):
    server.execute(KEYED.format("t"), 'INSERT INTO t VALUES (1, "a", 10), (2, "b", 20)',
                   """CREATE TABLE sorted (k INT NOT NULL, a INT, b INT) PRIMARY KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 1
                      ORDER BY (a) PROPERTIES ("replication_num" = "1")""", database="d")
    for mode in ("row", "column", "auto", "nosuch"):
        answer = load(server, "d.t", "1,x\n3,y\n", columns="k, v", partial_update="true", partial_update_mode=mode)
        assert answer["Status"] == "Success", answer
    assert server.execute("SELECT * FROM t ORDER BY k", database="d") == ((1, "x", 10), (2, "b", 20), (3, "y", None))
    row = load(server, "d.sorted", "1,2\n", columns="k, b", partial_update="true")
    assert row["Message"] == "partial update on table with sort key must provide all sort key columns"
    column = load(server, "d.sorted", "1,2\n", columns="k, a", partial_update="true", partial_update_mode="column")
    assert column["Message"] == "column mode partial update on table with sort key cannot update sort key column"


def test_maps_in_csv(server):
    server.execute("""CREATE TABLE m (k INT, a MAP<INT, VARCHAR(10)>, b MAP<VARCHAR(5), INT>) PROPERTIES ("replication_num" = "1")""",
                   database="d")
    assert load(server, "d.m", '1|{1:"a",2:"b,c"}|{"x":1}\n2|{}|{y:2}\n', column_separator="|")["Status"] == "Success"
    rows = server.execute("SELECT k, a[2], b['x'], b['y'], cardinality(a) FROM m ORDER BY k", database="d")
    assert rows == ((1, "b,c", 1, None, 2), (2, None, None, 2, 0))


def test_columns_change_while_loads_run(server):
    server.execute(KEYED.format("t"), database="d")
    stop, failures, loaded = threading.Event(), [], []

    def keep_loading():
        key = 0
        while not stop.is_set():
            key += 1
            answer = load(server, "d.t", f'{{"k": {key}, "v": "v{key}", "extra": {key}}}', format="json")
            if answer["Status"] == "Success":
                loaded.append(key)
            else:
                failures.append(answer["Message"])

    loader = threading.Thread(target=keep_loading)
    loader.start()
    try:
        for change in ('ADD COLUMN extra BIGINT DEFAULT "5"', "MODIFY COLUMN n BIGINT", "RENAME COLUMN v TO w", "DROP COLUMN n"):
            server.execute(f"ALTER TABLE t {change}", database="d")
            if not change.startswith("RENAME"):
                wait_for_alter(server, "t")
    finally:
        stop.set()
        loader.join(60)
    assert not failures
    rows = server.execute("SELECT k FROM t ORDER BY k", database="d")
    assert [row[0] for row in rows] == loaded and len(loaded) > 5
    assert [row[0] for row in server.execute("DESC t", database="d")] == ["k", "w", "extra"]


def test_an_alter_waits_for_prepared_transactions(server):
    server.execute(KEYED.format("t"), database="d")
    head = {"db": "d", "table": "t", "label": "held"}
    assert transaction(server, "begin", **head)["Status"] == "OK"
    assert transaction_load(server, "1,a,1\n", **head)["Status"] == "OK"
    assert transaction(server, "prepare", **head)["Status"] == "OK"
    server.execute("ALTER TABLE t MODIFY COLUMN n BIGINT", database="d")
    wait_for_alter(server, "t", "WAITING_TXN")
    with pytest.raises(Exception, match="schema change operation is in progress"):
        server.execute("ALTER TABLE t DROP COLUMN n", database="d")
    assert transaction(server, "commit", **head)["Status"] == "OK"
    wait_for_alter(server, "t")
    assert server.execute("SELECT * FROM t", database="d") == ((1, "a", 1),)


def test_swap_and_truncate(server):
    server.execute(KEYED.format("a"), KEYED.format("b"), database="d")
    load(server, "d.a", "1,a,1\n")
    load(server, "d.b", "2,b,2\n")
    server.execute("ALTER TABLE a SWAP WITH b", database="d")
    assert load(server, "d.a", "3,a,3\n")["Status"] == "Success"
    assert server.execute("SELECT k FROM a ORDER BY k", database="d") == ((2,), (3,))
    server.execute("TRUNCATE TABLE a", database="d")
    assert load(server, "d.a", "4,a,4\n")["Status"] == "Success"
    assert server.execute("SELECT k FROM a", "SELECT k FROM a", database="d") == ((4,),)
    assert server.execute("SELECT k FROM b", database="d") == ((1,),)


def test_labels_are_found_and_forgotten(scratch):
    server = Sandbox(scratch / "sandbox", options=["--set", "label_keep_max_second=10", "--set", "transaction_clean_interval_second=1"])
    server.start()
    try:
        server.execute("CREATE DATABASE d")
        server.execute(KEYED.format("t"), database="d")
        done = load(server, "d.t", "1,a,1\n", label="l1")
        assert label_state(server, "d", "l1") == "VISIBLE"
        assert load(server, "d.t", "1,a,1\n", label="l1")["ExistingJobStatus"] == "FINISHED"
        database_id = server.execute("SHOW PROC '/dbs'")[-1]
        ids = {row[1]: row[0] for row in server.execute("SHOW PROC '/dbs'")}
        assert "d" in ids, database_id
        finished = server.execute(f"SHOW PROC '/transactions/{ids['d']}/finished'")
        assert [(row[0], row[1], row[3]) for row in finished] == [(str(done["TxnId"]), "l1", "VISIBLE")]
        assert server.execute(f"SHOW PROC '/transactions/{ids['d']}/running'") == ()
        assert server.execute("SHOW TRANSACTION FROM d WHERE label = 'l1'")[0][3] == "VISIBLE"
        loads = server.execute("SELECT LABEL, STATE, SINK_ROWS FROM information_schema.loads WHERE LABEL = 'l1'")
        assert loads == (("l1", "FINISHED", 1),)
        end = time.monotonic() + 60
        while label_state(server, "d", "l1") != "UNKNOWN":
            assert time.monotonic() < end, "the label stays"
            time.sleep(0.2)
        assert load(server, "d.t", "1,a,1\n", label="l1")["Status"] == "Success"
    finally:
        server.close()


def test_null_mode_counts_changes(scratch):
    server = Sandbox(scratch / "sandbox", options=["--null"])
    server.start()
    try:
        server.execute("CREATE DATABASE d")
        server.execute(KEYED.format("t"), database="d")
        answer = load(server, "d.t", "1,a,1,0\n2,b,2,1\n", columns="k, v, n, __op", label="csv")
        assert (answer["Status"], answer["NumberLoadedRows"]) == ("Success", 2)
        answer = load(server, "d.t", '[{"k": 1, "v": "x", "__op": 1}]', format="json", strip_outer_array="true", label="json")
        assert (answer["Status"], answer["NumberLoadedRows"]) == ("Success", 1)
        assert label_state(server, "d", "csv") == label_state(server, "d", "json") == "VISIBLE"
        assert server.execute("SELECT count(*) FROM t", database="d") == ((0,),)
    finally:
        server.close()


def test_insert_overwrite_reads_the_table_that_it_replaces(server):
    server.execute("""CREATE TABLE days (dt DATE, v INT) PARTITION BY date_trunc('day', dt)
                      DISTRIBUTED BY HASH (v) PROPERTIES ("replication_num" = "1")""",
                   "INSERT INTO days VALUES ('2024-01-01', 1), ('2024-01-02', 2)",
                   "INSERT OVERWRITE days SELECT days_add(dt, 1), v * 10 FROM days", database="d")
    assert server.execute("SELECT CAST(dt AS VARCHAR), v FROM days ORDER BY v", database="d") == (("2024-01-02", 10), ("2024-01-03", 20))
