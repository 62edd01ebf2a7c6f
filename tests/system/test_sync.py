"""What a user does first: one command, all rows there, and the ways to say what is meant."""
import json
import re

from harness.starlift import OK, USAGE, starlift

from .support import (assert_equal, databases_of, differences, fill_numbers, sync, sync_and_compare, tables_of)


def test_structure_and_rows(mariadb, sandbox, database, scratch):
    mariadb.execute(
        "CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY, at DATETIME NOT NULL, total DECIMAL(10,2), note TEXT)",
        "INSERT INTO orders SELECT seq, '2024-01-01 00:00:00' + INTERVAL seq SECOND, seq / 7, CONCAT('note ', seq) FROM seq_1_to_5000",
        "CREATE TABLE `order events` (kind VARCHAR(10), at DATETIME(6))",
        "INSERT INTO `order events` SELECT 'click', '2024-01-01' FROM seq_1_to_100", database=database)
    sync_and_compare(mariadb, sandbox, database, scratch / "home")


def test_again_is_nothing_new(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database)
    for _ in range(2):
        sync_and_compare(mariadb, sandbox, database, scratch / "home")


def test_all_databases(mariadb, sandbox, database, scratch):
    other = f"{database}_more"
    fill_numbers(mariadb, database, "a")
    try:
        mariadb.execute(f"CREATE DATABASE {other}")
        fill_numbers(mariadb, other, "b")
        fill_numbers(mariadb, other, "left_out")
        sync(mariadb, sandbox, "", scratch / "home", "--tables", f"{database}.*", "--exclude-tables", "left_.*").expect(OK)
        assert tables_of(sandbox, database) == ["a"]
        assert tables_of(sandbox, other) == ["b"]
        assert not differences(mariadb, sandbox, database, other, tables="a|b")
    finally:
        mariadb.execute(f"DROP DATABASE {other}")


def test_tables_is_an_anchored_expression(mariadb, sandbox, database, scratch):
    for table in ("orders", "orders_2024", "old_orders", "customers"):
        fill_numbers(mariadb, database, table, rows=3)
    sync(mariadb, sandbox, database, scratch / "home", "--tables", "orders.*").expect(OK)
    assert tables_of(sandbox, database) == ["orders", "orders_2024"]


def test_the_targets_database_wins(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database)
    sync(mariadb, sandbox, database, scratch / "home", target_database="elsewhere").expect(OK)
    assert database not in databases_of(sandbox)
    assert_equal(mariadb, sandbox, database, target_database="elsewhere")


def test_task_file(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, "orders")
    fill_numbers(mariadb, database, "skipped")
    mariadb.execute(f"CREATE USER IF NOT EXISTS 'reader'@'%' IDENTIFIED BY 'se:cr@t/?'", f"GRANT SELECT ON {database}.* TO 'reader'@'%'")
    sandbox.execute("CREATE USER 'loader'@'%' IDENTIFIED BY 'p#w'", "GRANT ALL ON ALL DATABASES TO USER 'loader'@'%'",
                    "GRANT ALL ON ALL TABLES IN ALL DATABASES TO USER 'loader'@'%'", "GRANT CREATE DATABASE ON CATALOG default_catalog TO USER 'loader'@'%'")
    (scratch / "secrets").write_text("target=p#w\nother=x\n")
    task = scratch / "task.yaml"
    task.write_text(f"""
version: 1
name: nightly
source:
  kind: mysql
  host: 127.0.0.1
  port: {mariadb.port}
  user: reader
  password: ${{env:READER_PASSWORD}}
  database: {database}
target:
  hosts: 127.0.0.1:{sandbox.query_port}
  http_port: {sandbox.http_port}
  user: loader
  password: ${{file:{scratch}/secrets:target}}
tables:
  - orders
limits:
  readers: 2
  chunk_rows: 100
""")
    run = starlift("sync", task, "--home", scratch / "home", env={"READER_PASSWORD": "se:cr@t/?"}).expect(OK)
    assert_equal(mariadb, sandbox, database, tables="orders", exact=False)
    assert tables_of(sandbox, database) == ["orders"]
    # Secrets stay where they were given.
    kept = b"".join(p.read_bytes() for p in (scratch / "home").rglob("*") if p.is_file())
    for secret in ("se:cr@t/?", "p#w"):
        assert secret not in run.out + run.err
        assert secret.encode() not in kept


def test_task_file_names_the_nearest_key(scratch):
    task = scratch / "task.yaml"
    task.write_text("version: 1\nsource:\n  url: mysql://root@127.0.0.1/x\ntarget:\n  url: starrocks://root@127.0.0.1/x\nlimts:\n  readers: 2\n")
    starlift("sync", task, "--home", scratch / "home").expect(USAGE, "limts", "limits", "task.yaml:6")


def test_rules(mariadb, sandbox, database, scratch):
    mariadb.execute(
        "CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20), secret VARCHAR(20))", "INSERT INTO customers VALUES (1, 'a', 's'), (2, NULL, 's')",
        "CREATE TABLE orders_0 (id INT PRIMARY KEY, v VARCHAR(10))", "INSERT INTO orders_0 VALUES (0, 'zero'), (2, 'two')",
        "CREATE TABLE orders_1 (id INT PRIMARY KEY, v VARCHAR(10))", "INSERT INTO orders_1 VALUES (1, 'one'), (3, NULL)", database=database)
    task = scratch / "task.yaml"
    task.write_text(f"""
version: 1
source: {{url: "{mariadb.url(database)}"}}
target: {{url: "{sandbox.url()}"}}
rules:
  - match: orders_[0-9]
    target_database: sales
    target_table: orders
  - match: customers
    target_table: people
    exclude_columns: [secret]
    rename_columns: {{name: full_name}}
""")
    starlift("sync", task, "--home", scratch / "home").expect(OK)
    assert sandbox.execute("SELECT id, v FROM sales.orders ORDER BY id") == ((0, "zero"), (1, "one"), (2, "two"), (3, None))
    assert sandbox.execute(f"SELECT id, full_name FROM {database}.people ORDER BY id") == ((1, "a"), (2, None))
    assert [row[0] for row in sandbox.execute(f"DESC {database}.people")] == ["id", "full_name"]


def test_dry_run_changes_nothing(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, "orders")
    before = databases_of(sandbox)
    run = sync(mariadb, sandbox, database, scratch / "home", "--dry-run").expect(OK, "orders", "create table")
    assert databases_of(sandbox) == before, run


def test_ddl_only_prints_sql_that_runs(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE a (id INT PRIMARY KEY COMMENT 'semi;colon', `odd name` VARCHAR(10) DEFAULT 'x;y')",
                    "CREATE TABLE b (v DOUBLE, w FLOAT)", "CREATE TABLE c (id INT PRIMARY KEY, d DECIMAL(50,2))", database=database)
    run = sync(mariadb, sandbox, database, scratch / "home", "--dry-run", "--ddl-only").expect(OK)
    statements = re.split(r";[ \t]*\n", run.out)
    assert statements.pop().strip() == "", run
    assert all(re.match(r"\s*(CREATE|USE|ALTER)\b", s) for s in statements), run
    assert len(statements) >= 4
    sandbox.execute(*statements)
    assert tables_of(sandbox, database) == ["a", "b", "c"]
    # The 50 digits become text, and that is said.
    assert "decimal" in run.err.lower(), run


def test_phases_one_by_one(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=10)
    sync(mariadb, sandbox, database, scratch / "home", "--phases", "structure").expect(OK)
    assert sandbox.execute(f"SELECT COUNT(*) FROM {database}.t") == ((0,),)
    sync(mariadb, sandbox, database, scratch / "home", "--phases", "full").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_progress_and_summary(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=20_000)
    summary = scratch / "summary.json"
    run = sync(mariadb, sandbox, database, scratch / "home", "--summary-json", summary).expect(OK)
    assert run.json_lines(), "no JSON progress on a pipe"
    told = json.loads(summary.read_text())
    assert "20000" in json.dumps(told), told
    silent = sync(mariadb, sandbox, database, scratch / "home2", "--progress", "none", target_database="again").expect(OK)
    assert not silent.json_lines()


def test_many_readers(mariadb, sandbox, database, scratch):
    for table in ("a", "b", "c"):
        fill_numbers(mariadb, database, table, rows=30_000)
    sync_and_compare(mariadb, sandbox, database, scratch / "home", "--readers", "4", "--chunk-rows", "2000")


def test_compression(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=20_000)
    for how in ("lz4", "zstd", "gzip"):
        sync(mariadb, sandbox, database, scratch / how, "--compression", how, target_database=f"by_{how}").expect(OK)
        assert_equal(mariadb, sandbox, database, target_database=f"by_{how}")


def test_an_old_mysql(mysql56, sandbox, scratch):
    mysql56.execute("CREATE DATABASE IF NOT EXISTS old", "USE old", "CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(20), d DATETIME(3), f FLOAT)",
                    "INSERT INTO t VALUES (1, 'ä', '2024-01-01 00:00:00.123', 0.1), (2, NULL, NULL, NULL)")
    sync_and_compare(mysql56, sandbox, "old", scratch / "home")


def test_password_is_wiped_from_the_process_list(mariadb, sandbox, database, scratch):
    from harness.process import wait_until
    from harness.starlift import start_starlift

    fill_numbers(mariadb, database, rows=200_000)
    mariadb.execute("CREATE USER IF NOT EXISTS 'told'@'%' IDENTIFIED BY 'visible-secret'", "GRANT SELECT ON *.* TO 'told'@'%'")
    process = start_starlift("sync", mariadb.url(database, "told", "visible-secret"), sandbox.url(), "--home", scratch / "home", log=scratch / "log")
    try:
        path = f"/proc/{process.pid}/cmdline"
        wait_until("the password to leave the argument list", lambda: not process.alive() or b"visible-secret" not in open(path, "rb").read(), timeout=10, every=0.001)
        process.wait(120)
        assert process.exit_code() == OK, process.tail()
        assert "visible-secret" not in (scratch / "log").read_text()
    finally:
        process.close()


def test_help_and_version():
    assert re.search(r"\d+\.\d+\.\d+", starlift("--version").expect(OK).out)
    for command in ("sync", "check", "sandbox"):
        help_text = starlift(command, "--help").expect(OK).out
        assert "--home" in help_text
    starlift("snyc").expect(USAGE, "snyc", "sync")
    starlift("sync", "--hoem", "x").expect(USAGE, "hoem", "home")
