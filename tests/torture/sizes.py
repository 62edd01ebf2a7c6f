"""Very many, very wide, very large, very empty."""
from .builder import Builder

MIB = 1 << 20
# MySQL 5.6 keeps the head of each long value inside the row unless told otherwise.
DYNAMIC = "ROW_FORMAT=DYNAMIC"


def build(b: Builder, many_rows: int = 60_000):
    wide(b)
    huge(b)
    empty(b)
    long(b, many_rows)


def wide(b: Builder):
    columns = [f"column_{i:04} INT" for i in range(999)]
    b.table("thousand_columns", "id INT PRIMARY KEY, " + ", ".join(columns),
            [(row, *[None if (row + i) % 5 == 0 else row * i for i in range(999)]) for row in range(200)], DYNAMIC)


def huge(b: Builder):
    b.table("huge_rows", "id INT PRIMARY KEY, " + ", ".join(f"c{i} LONGTEXT" for i in range(6)) + ", " + ", ".join(f"d{i} LONGBLOB" for i in range(6)),
            options=DYNAMIC)
    for row in range(4):
        b.insert("huge_rows", [(row, *[chr(97 + (row + i) % 26) * (MIB - row) for i in range(6)], *[bytes([(row * 16 + i) % 256]) * (MIB // 2 - i) for i in range(6)])])
    # One row over 16 MiB: the protocol splits it into several packets.
    b.table("beyond_a_packet", "id INT PRIMARY KEY, " + ", ".join(f"c{i} LONGTEXT" for i in range(20)), options=DYNAMIC)
    for row in range(2):
        b.insert("beyond_a_packet", [(row, *[("x" if i % 2 else "y") * MIB for i in range(20)])])


def empty(b: Builder):
    b.table("empty_keyed", "id INT PRIMARY KEY, v TEXT")
    b.table("empty_keyless", "v TEXT, w BLOB")
    b.table("all_null", "id INT PRIMARY KEY, a INT, b TEXT, c DATE, d JSON, e BLOB" if b.is_mariadb else "id INT PRIMARY KEY, a INT, b TEXT, c DATE, d INT, e BLOB",
            [(i, None, None, None, None, None) for i in range(100)])


def long(b: Builder, rows: int):
    """Enough rows for several chunks, with keys that chunk badly."""
    b.run("CREATE TABLE digits (d INT)")
    b.insert("digits", [(i,) for i in range(10)])
    b.run("CREATE TABLE numbers (n INT PRIMARY KEY)")
    b.run(f"INSERT INTO numbers SELECT a.d + 10*b.d + 100*c.d + 1000*d.d + 10000*e.d FROM digits a, digits b, digits c, digits d, digits e "
          f"WHERE a.d + 10*b.d + 100*c.d + 1000*d.d + 10000*e.d < {rows}")
    b.run("CREATE TABLE gaps (id BIGINT UNSIGNED PRIMARY KEY, v INT)")
    b.run("INSERT INTO gaps SELECT IF(n < 10, n, 18446744073709551615 - n * n), n FROM numbers")
    b.run("CREATE TABLE text_key (k VARCHAR(40) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT)")
    b.run("INSERT INTO text_key SELECT CONCAT(IF(n % 2, 'Key ', 'kEY '), IF(n % 3, HEX(n * 7919), LOWER(HEX(n * 7919))), '-', n), n FROM numbers")
    b.run("CREATE TABLE composite_key (a INT NOT NULL, b VARCHAR(20) NOT NULL, c DATETIME NOT NULL, v INT, PRIMARY KEY (a, b, c))")
    b.run("INSERT INTO composite_key SELECT n % 3, CONCAT('B', n % 100), TIMESTAMP '2024-01-01 00:00:00' + INTERVAL n SECOND, n FROM numbers")
    b.run("CREATE TABLE hash_key (k BINARY(20) PRIMARY KEY, v INT)")
    b.run("INSERT INTO hash_key SELECT UNHEX(SHA1(n)), n FROM numbers")
    b.run("CREATE TABLE decimal_key (k DECIMAL(20,4) PRIMARY KEY, v INT)")
    b.run("INSERT INTO decimal_key SELECT n / 8 - 1000, n FROM numbers")


def many_tables(b: Builder, tables: int = 3000):
    """So many tables that anything done per table and slowly shows."""
    for i in range(tables):
        kind = i % 4
        if kind == 0:
            b.run(f"CREATE TABLE m{i:04} (id INT PRIMARY KEY, v VARCHAR(20))")
            b.run(f"INSERT INTO m{i:04} VALUES ({i}, 'x{i}')")
        elif kind == 1:
            b.run(f"CREATE TABLE m{i:04} (a INT, b DATE)")
            b.run(f"INSERT INTO m{i:04} VALUES ({i}, '2024-01-01'), ({i}, '2024-01-01')")
        elif kind == 2:
            b.run(f"CREATE TABLE m{i:04} (id BIGINT UNSIGNED NOT NULL, n DECIMAL(10,2), PRIMARY KEY (id))")
        else:
            b.run(f"CREATE TABLE m{i:04} (k CHAR(8) NOT NULL, v TEXT, PRIMARY KEY (k))")
            b.run(f"INSERT INTO m{i:04} VALUES ('k{i}', 'text')")
