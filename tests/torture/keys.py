"""Every kind of key, and tables that have none."""
from .builder import Builder, Sql


def build(b: Builder):
    numbers(b)
    texts(b)
    others(b)
    composite(b)
    unique_instead(b)
    keyless(b)


def keyed(b: Builder, name: str, declaration: str, values):
    """The key is the column itself; a second column tells the rows apart."""
    b.table(name, f"k {declaration} NOT NULL, v INT, PRIMARY KEY (k)", [(v, i) for i, v in enumerate(values)])


def numbers(b: Builder):
    for name, bits in {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}.items():
        top = 1 << bits
        keyed(b, f"k_{name}", name, [-top // 2, -1, 0, 1, top // 2 - 1])
        keyed(b, f"k_{name}_unsigned", f"{name} unsigned", [0, 1, top // 2 - 1, top // 2, top - 1])
    keyed(b, "k_decimal", "decimal(20,3)", [Sql("0"), Sql("1.5"), Sql("1.50"[:-1] + "1"), Sql("-1.5"), Sql("99999999999999999.999")])
    keyed(b, "k_decimal_wide", "decimal(65,30)", [Sql("0"), Sql("0.000000000000000000000000000001"), Sql("9" * 35)])
    keyed(b, "k_bit", "bit(5)", [0, 1, 31])
    keyed(b, "k_bit64", "bit(64)", [0, 1, 2 ** 64 - 1, 2 ** 63])
    keyed(b, "k_year", "year", [0, 1901, 2155])
    # No float can be a key at the target: these are tables without one there.
    keyed(b, "k_float", "float", [0, 1.5, -1.5, 0.1])
    keyed(b, "k_double", "double", [0, 1.5, 0.1, 1e100])


def texts(b: Builder):
    sample = ["", "a", "B", "c", "é", "Z", "z1", " lead", "ä2", "ß", "日本", "𝄞", "\\N", "a\tb", "a\nb", "a'b", 'a"b', "\x01", "\x02"]
    keyed(b, "k_varchar", "varchar(30)", [*sample, "x" * 30])
    keyed(b, "k_varchar_bin", "varchar(30) collate utf8mb4_bin", [*sample, "A", "b", "E"])
    keyed(b, "k_varchar_general_ci", "varchar(30) collate utf8mb4_general_ci", [s for s in sample if s not in ("é", "ß", "ä2")])
    keyed(b, "k_varchar_latin1", "varchar(30) character set latin1", ["", "a", "B", "é", "ß", "ÿ"])
    keyed(b, "k_varchar_gbk", "varchar(30) character set gbk", ["", "a", "B", "中文", "客户"])
    keyed(b, "k_char", "char(20)", ["", "a", "B", "é", "with space inside"])
    keyed(b, "k_char_bin", "char(20) collate utf8mb4_bin", ["", "a", "A", "é", "E"])
    keyed(b, "k_enum", "enum('z', 'm', 'a')", ["z", "m", "a"])
    keyed(b, "k_set", "set('z', 'm', 'a')", ["", "z", "z,m", "a"])
    b.table("k_text_prefix", "k TEXT NOT NULL, v INT, PRIMARY KEY (k(10))", [("", 1), ("short", 2), ("longer than the prefix", 3)])
    b.table("k_varchar_128", "k VARCHAR(128) CHARACTER SET ascii NOT NULL, PRIMARY KEY (k)", [("x" * 128,), ("y",)])


def others(b: Builder):
    keyed(b, "k_binary", "binary(16)", [b"\x00" * 16, b"\xff" * 16, bytes(range(16)), b"short"])
    keyed(b, "k_varbinary", "varbinary(40)", [b"", b"\x00", b"\x00\x00", b"\xff" * 40, b"text"])
    keyed(b, "k_date", "date", ["1000-01-01", "2024-02-29", "9999-12-31"])
    keyed(b, "k_datetime", "datetime", ["1000-01-01 00:00:00", "2024-02-29 23:59:59", "9999-12-31 23:59:59"])
    keyed(b, "k_datetime6", "datetime(6)", ["2024-01-01 00:00:00.000001", "2024-01-01 00:00:00.000002", "2024-01-01 00:00:00"])
    keyed(b, "k_timestamp", "timestamp(3)", ["1970-01-01 00:00:01", "2021-10-31 00:30:00.123", "2038-01-19 03:14:07"])
    keyed(b, "k_time", "time", ["-838:59:59", "00:00:00", "-00:00:01", "838:59:59", "10:00:00"])
    keyed(b, "k_time6", "time(6)", ["-00:00:00.000001", "00:00:00.000001", "00:00:00"])
    if b.is_mariadb:
        keyed(b, "k_uuid", "uuid", ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"])
        keyed(b, "k_inet6", "inet6", ["::", "::1", "2001:db8::"])


def composite(b: Builder):
    b.table("c_order", "a INT, b VARCHAR(20) NOT NULL, c INT NOT NULL, d DATE NOT NULL, PRIMARY KEY (d, b, c)",
            [(1, "x", 1, "2024-01-01"), (2, "x", 2, "2024-01-01"), (None, "X2", 1, "2024-01-01"), (4, "", -1, "1999-12-31")])
    b.table("c_last", "a TEXT, b BLOB, c INT NOT NULL, d INT NOT NULL, PRIMARY KEY (d, c)", [("t", b"\x00", 1, 2), (None, None, 2, 1)])
    b.table("c_all", "a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (b, a)", [(1, 2), (2, 1), (2, 2)])
    b.table("c_mixed", "h BINARY(4) NOT NULL, n DECIMAL(8,2) NOT NULL, s CHAR(8) NOT NULL, v INT, PRIMARY KEY (h, n, s)",
            [(b"\x00\x01\x02\x03", Sql("1.10"), "a", 1), (b"\x00\x01\x02\x03", Sql("1.10"), "b", 2), (b"\xff\xff\xff\xff", Sql("-1.10"), "a", 3)])
    columns = [f"k{i} TINYINT NOT NULL" for i in range(16)]
    b.table("c_sixteen", ", ".join(columns) + ", v INT, PRIMARY KEY (" + ", ".join(f"k{i}" for i in range(16)) + ")",
            [(*([i] * 16), i) for i in range(-2, 3)])


def unique_instead(b: Builder):
    b.table("u_not_null", "v INT, k INT NOT NULL, UNIQUE KEY (k)", [(1, 1), (1, 2)])
    b.table("u_composite", "v INT, k1 INT NOT NULL, k2 VARCHAR(10) NOT NULL, UNIQUE KEY (k2, k1)", [(1, 1, "a"), (1, 1, "b")])
    # NULL may come twice in a unique key: it identifies nothing.
    b.table("u_nullable", "k INT, v INT, UNIQUE KEY (k)", [(None, 1), (None, 1), (1, 1)])


def keyless(b: Builder):
    b.table("n_duplicates", "a INT, b VARCHAR(20)", [(1, "x")] * 5 + [(None, None)] * 3 + [(2, "")] * 2)
    b.table("n_one_text", "v VARCHAR(20)", [("",), ("",), (None,), ("\\N",), ("x",), ("\\N",)])
    b.table("n_one_number", "v INT", [(1,), (1,), (None,)])
    b.table("n_float_first", "f FLOAT, v INT", [(0.1, 1), (0.1, 1), (None, 2)])
    b.table("n_only_float", "f FLOAT", [(0.1,), (0.1,), (None,)])
    b.table("n_only_double", "d DOUBLE", [(0.1,), (1e300,), (None,)])
    b.table("n_only_decimal", "d DECIMAL(10,2)", [(Sql("1.50"),), (Sql("1.50"),), (None,)])
    b.table("n_only_blob", "b BLOB", [(b"\x00\xff",), (b"",), (None,)])
    b.table("n_only_geometry", "g POINT", [(Sql("POINT(1, 2)"),), (None,)])
    b.table("n_blob_first", "b BLOB, t TEXT, n INT", [(b"\x00", "x", 1), (b"\x00", "x", 1), (None, None, None)])
    if b.is_mariadb:
        b.table("n_only_json", "j JSON", [('{"a": 1}',), ('{"a": 1}',), ("null",), (None,)])
        b.table("n_json_first", "j JSON, v DATETIME(6)", [("[1]", "2024-01-01 00:00:00.5"), (None, None)])
    b.run("CREATE TABLE n_many (a INT, b VARCHAR(20), c DOUBLE)")
    b.insert("n_many", [(i % 7, f"row {i % 11}", i % 3 / 7) for i in range(50)])
    for _ in range(9):
        b.run("INSERT INTO n_many SELECT * FROM n_many")
