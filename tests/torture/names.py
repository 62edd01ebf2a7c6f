"""Tables and columns whose names need care."""
from .builder import Builder, quote

RESERVED = ["select", "table", "order", "group", "key", "primary", "index", "values", "from", "where", "join", "largeint", "bitmap", "user",
            "database", "partition", "rank", "row", "rows", "system", "terminated", "true", "null", "default", "desc", "show", "create"]
ODD_TABLES = ["a-b", "with space", "ä☃日本", "a'b", 'a"b', "100%", "a.b", "$dollar", "1digit", "a,b", "a;b", "a(b)", "a#b", "--", "a\\b",
              "a?b", "a:b", "a@b", "a&b", "a=b", "a+b", "{brace}", "[bracket]", "a|b", "~tilde", "^hat", "UPPER", "MixedCase", "_underscore", "x" * 64,
              "-", "0", "é", "a<b>", "a*b", "a!b"]
# Backticks, a / in a table's name, one of = < > ! * in a column's can't be at the target: tests of refusals have those.
ODD_COLUMNS = ["a-b", "with space", "ä☃日本", "a'b", 'a"b', "100%", "a.b", "$dollar", "1digit", "a,b", "a;b", "a(b)", "a#b", "--", "a/b", "a\\b",
               "a?b", "a:b", "a@b", "a&b", "a+b", "{brace}", "[bracket]", "a|b", "~tilde", "^hat", "UPPER", "MixedCase", "_underscore", "x" * 64, "-", "0", " lead"]


def build(b: Builder):
    for number, name in enumerate(dict.fromkeys(RESERVED + ODD_TABLES)):
        b.table(name, "id INT PRIMARY KEY, v VARCHAR(10)", [(number, name[:10]), (number + 1, None)])
    b.table("reserved columns", ", ".join(f"{quote(n)} INT" for n in RESERVED) + ", PRIMARY KEY (`order`, `select`)",
            [tuple(range(i, i + len(RESERVED))) for i in range(3)])
    b.table("odd columns", ", ".join(f"{quote(n)} VARCHAR(20)" for n in ODD_COLUMNS) + ", `a key` INT NOT NULL, PRIMARY KEY (`a key`)",
            [(*(n[:20] for n in ODD_COLUMNS), i) for i in range(2)])
    b.table("odd keyless", ", ".join(f"{quote(n)} VARBINARY(20)" for n in ODD_COLUMNS), [tuple(n.encode()[:20] for n in ODD_COLUMNS)] * 2)
