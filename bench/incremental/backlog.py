"""The rows whose changes the benchmark reads from the log, and how the log comes to hold them."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Rows:
    """A table's columns at the source, for Flink and at the target, and what fills them for each number `seq`."""

    columns: str
    values: str
    flink_columns: str
    target_columns: str
    change: str  # SET of an update


ROWS = {
    "ordinary": Rows(
        """id BIGINT PRIMARY KEY, customer_id INT, quantity INT, price DECIMAL(18,4), sku VARCHAR(40), created DATETIME(6),
           changed TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), note VARCHAR(200), ratio DOUBLE, city VARCHAR(40),
           country CHAR(12), flag TINYINT(1)""",
        """seq, seq % 100003, seq % 17, seq % 1000000 / 7, CONCAT('sku-', LPAD(seq, 24, '0')),
           '2024-01-01' + INTERVAL seq % 31536000 SECOND, '2024-06-01' + INTERVAL seq % 1000000 SECOND,
           REPEAT(CONCAT('note ', seq % 1000, ' '), 6 + seq % 4), seq / 3, CONCAT('City of ', seq % 5000),
           ELT(1 + seq % 3, 'Japan', 'Germany', 'Brazil'), seq % 2""",
        """id BIGINT, customer_id INT, quantity INT, price DECIMAL(18,4), sku STRING, created TIMESTAMP(6),
           changed TIMESTAMP(6), note STRING, ratio DOUBLE, city STRING, country STRING, flag TINYINT""",
        """id BIGINT NOT NULL, customer_id INT, quantity INT, price DECIMAL(18,4), sku VARCHAR(160), created DATETIME,
           changed DATETIME, note VARCHAR(800), ratio DOUBLE, city VARCHAR(160), country VARCHAR(48), flag TINYINT""",
        "quantity = quantity + 1, note = CONCAT('changed ', id)"),
    "narrow": Rows(
        "id BIGINT PRIMARY KEY, customer_id INT NOT NULL, quantity INT, amount DECIMAL(12,2), status VARCHAR(16)",
        "seq, seq % 100003, seq % 17, seq % 100000 / 4, ELT(1 + seq % 4, 'new', 'paid', 'shipped', 'returned')",
        "id BIGINT, customer_id INT, quantity INT, amount DECIMAL(12,2), status STRING",
        "id BIGINT NOT NULL, customer_id INT, quantity INT, amount DECIMAL(12,2), status VARCHAR(64)",
        "quantity = quantity + 1, status = 'changed'"),
}

_STEP = 800  # rows that a transaction of the mixed shape inserts


def make_backlog(source, database, tables, rows: Rows, shape: str, changes: int) -> int:
    """How many row changes it made: about `changes`."""
    made = 0
    with source.connect(database) as connection, connection.cursor() as cursor:
        def run(statement):
            nonlocal made
            made += cursor.execute(statement)

        if shape == "insert":
            run(f"INSERT INTO t0 SELECT {rows.values} FROM seq_1_to_{changes}")
            return made
        if shape == "update":
            run(f"UPDATE t0 SET {rows.change}")
            return made
        for begin in range(1, changes // 2 // len(tables), _STEP):
            end = begin + _STEP - 1
            for name in tables:
                cursor.execute("BEGIN")
                run(f"INSERT INTO {name} SELECT {rows.values} FROM seq_{begin}_to_{end}")
                run(f"UPDATE {name} SET {rows.change} WHERE id BETWEEN {begin} AND {end - _STEP // 5}")
                run(f"DELETE FROM {name} WHERE id BETWEEN {begin} AND {begin + _STEP // 10}")
                cursor.execute("COMMIT")
    return made
