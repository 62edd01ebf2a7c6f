"""What the tests of smt's Flink jobs share: PostgreSQL's rows, and waiting for a job that never ends."""
import re
import time
from datetime import datetime

from system.support import differences

POSTGRES_ROWS = """
INSERT INTO person SELECT n, CASE n WHEN 7 THEN E'it\\'s "Zoë" 🚀 \\\\ back' WHEN 8 THEN '' ELSE 'name ' || n END,
  CASE WHEN n % 3 > 0 THEN DATE '1899-12-31' + n * 100 END, NULL FROM generate_series(1, 500) n;
INSERT INTO sales.invoice (note, person_id, total, at)
  SELECT nullif('note ' || n, 'note 5'), n, n * 1234567.89 - 9, TIMESTAMP '2024-02-29 23:59:59.123456' + n * INTERVAL '7 hours'
  FROM generate_series(1, 500) n;
INSERT INTO sales.invoice_line SELECT 1 + n % 9, 1 + n / 5, n % 5 FROM generate_series(0, 999) n;
INSERT INTO sales.person SELECT n * 9007199254740993, CASE WHEN n % 2 = 0 THEN n / 8.0 END FROM generate_series(-500, 500) n;
"""
# By their names at the source: the columns that are compared.
POSTGRES_TABLES = {
    "public.person": "id, name, born",
    "sales.invoice": "id, note, person_id, total, at",
    "sales.invoice_line": "invoice_id, line_no, qty",
    "sales.person": "id, discount",
}

_NAMES = "customer|orders|order_line|product|utf_names"
MYSQL_TABLES = f"^({_NAMES})$"
QUICK_SINK = "flink.starrocks.sink.buffer-flush.interval-ms=1000"

# Each kind of change, also of what a sink could mistake: an emptied column, a changed key, a key that comes back.
MYSQL_CHANGES = [
    "INSERT INTO shop.customer (id, email, full_name, vip) SELECT 1000 + id, concat(id, '@new'), '日本 \"x\\\\y\"', 1 FROM shop.customer",
    "UPDATE shop.customer SET full_name = NULL, credit = -0.01, born = '1970-01-01' WHERE id = 1",
    "UPDATE shop.orders SET state = 'sent', tags = '', note = repeat('é', 3000) WHERE id = 18446744073709551615",
    "INSERT INTO shop.orders VALUES (7, 2, 'new', NULL, 0, NULL, '2024-02-29 00:00:00'), (8, 2, 'new', 'rush', 1.5, '', '2000-01-01 00:00:01')",
    "DELETE FROM shop.orders WHERE id = 7",
    "UPDATE shop.order_line SET line_no = 9 WHERE line_no = 1",
    "UPDATE shop.product SET pic = X'FF00C3', weight = NULL",
    "DELETE FROM shop.utf_names",
    "INSERT INTO shop.utf_names VALUES (1, 'back', '🚀')",
]
TYPE_ROWS = [
    "INSERT INTO types_db.t_float (k, a, b, c, d) VALUES (1, 0.1, -1234.567, 1e300, 12345678.9), (2, -3.5, NULL, 2.5e-300, -0.01)",
    "INSERT INTO types_db.t_zerofill (k, a, c) VALUES (1, 7, 18446744073709551615), (2, NULL, 0)",
    "INSERT INTO types_db.t_date_key VALUES ('2024-02-29 23:59:59', 1, 'a'), ('1970-01-01 00:00:01', 2, NULL)",
]
TYPE_CHANGES = [
    "UPDATE types_db.t_float SET c = -c, a = NULL",
    "DELETE FROM types_db.t_date_key WHERE n = 2",
    "UPDATE types_db.t_dec SET a = -99, j = 1.5",
    "UPDATE types_db.t_dec_key SET v = 7",
    "INSERT INTO types_db.t_zerofill (k, b) VALUES (3, 65535)",
    "UPDATE types_db.t_text SET e = '\\\\N', c = NULL",
]


def as_csv(rows):
    """As psql prints rows: NULL as such, a fraction of a second without its zeros."""
    def text(value):
        if value is None:
            return "<null>"
        if isinstance(value, datetime):
            return value.isoformat(sep=" ").rstrip("0").rstrip(".") if value.microsecond else value.isoformat(sep=" ")
        if isinstance(value, float):
            return repr(value).removesuffix(".0")
        return str(value)
    return sorted("\x1f".join(map(text, row)) for row in rows)


def postgres_differences(postgres, sandbox):
    """One line for each table whose rows at the target are others."""
    found = []
    for table, columns in POSTGRES_TABLES.items():
        printed = postgres.execute(f"\\pset fieldsep '\x1f'\n\\pset null '<null>'\nSELECT {columns} FROM {table};", database="crm")
        source = sorted(line for line in printed.split("\n") if "\x1f" in line)
        target = as_csv(sandbox.execute(f"SELECT {columns} FROM crm.{table.replace('.', '__')}"))
        assert len(source) >= 400, table
        if source != target:
            found.append(f"{table}: {len(source)} rows | {len(target)}; only here {sorted(set(source) - set(target))[:3]}, "
                         f"only there {sorted(set(target) - set(source))[:3]}")
    return found


def mysql_differences(server, sandbox, *databases, **options):
    """Rows only: types may be others than those that `starlift sync` makes."""
    return [line for line in differences(server, sandbox, *databases, exact=False, **options) if not re.search(r" became .*, not ", line)]


def shop_differences(server, sandbox):
    """Of MYSQL_TABLES in database shop."""
    return mysql_differences(server, sandbox, "shop", tables=rf"shop\.({_NAMES})")


def until_none(differ, job, seconds=400):
    """Waits until `differ` finds nothing, while the job lives."""
    end = time.monotonic() + seconds
    while True:
        found = differ()
        if not found:
            return
        assert job.alive(), job.tail(60)
        assert time.monotonic() < end, "\n".join(found) + "\n" + job.tail(60)
        time.sleep(2)


def follow(change, differ, job):
    """The rows that are there, then the changes."""
    until_none(differ, job)
    change()
    assert differ(), "the changes are there before the job can have seen them"
    until_none(differ, job)
