"""The three shapes of table that the benchmark reads, made inside MariaDB by its sequence engine."""
from dataclasses import dataclass

WIDE_COLUMNS = 100


@dataclass(frozen=True)
class Shape:
    """A table: its columns, what fills them for each number `seq`, and how many rows a run reads."""

    name: str
    columns: str
    values: str
    flink_columns: str
    target_columns: str
    rows: int


def _narrow() -> Shape:
    return Shape(
        "narrow",
        "id BIGINT PRIMARY KEY, customer_id INT NOT NULL, amount DECIMAL(12,2), created DATETIME, status VARCHAR(16)",
        """seq, seq % 100003, seq % 100000 / 4, '2024-01-01' + INTERVAL seq % 31536000 SECOND,
           ELT(1 + seq % 4, 'new', 'paid', 'shipped', 'returned')""",
        "id BIGINT, customer_id INT, amount DECIMAL(12,2), created TIMESTAMP(0), status STRING",
        "id BIGINT NOT NULL, customer_id INT, amount DECIMAL(12,2), created DATETIME, status VARCHAR(64)",
        4_000_000)


def _ordinary() -> Shape:
    return Shape(
        "ordinary",
        """id BIGINT PRIMARY KEY, customer_id INT, quantity INT, price DECIMAL(18,4), sku VARCHAR(40), created DATETIME(6),
           changed TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), note TEXT, ratio DOUBLE, city VARCHAR(40),
           country CHAR(12), flag TINYINT(1)""",
        """seq, seq % 100003, seq % 17, seq % 1000000 / 7, CONCAT('sku-', LPAD(seq, 24, '0')),
           '2024-01-01' + INTERVAL seq % 31536000 SECOND + INTERVAL seq % 1000000 MICROSECOND,
           '2024-06-01' + INTERVAL seq % 1000000 SECOND + INTERVAL seq % 999983 MICROSECOND,
           REPEAT(CONCAT('note ', seq % 1000, ' '), 6 + seq % 4), seq / 3, CONCAT('City of ', seq % 5000),
           ELT(1 + seq % 3, 'Japan', 'Germany', 'Brazil'), seq % 2""",
        """id BIGINT, customer_id INT, quantity INT, price DECIMAL(18,4), sku STRING, created TIMESTAMP(6),
           changed TIMESTAMP(6), note STRING, ratio DOUBLE, city STRING, country STRING, flag TINYINT""",
        """id BIGINT NOT NULL, customer_id INT, quantity INT, price DECIMAL(18,4), sku VARCHAR(160), created DATETIME,
           changed DATETIME, note VARCHAR(1048576), ratio DOUBLE, city VARCHAR(160), country VARCHAR(48), flag TINYINT""",
        2_000_000)


def _wide() -> Shape:
    kinds = [
        ("INT", "(seq * {n}) % 1000003", "INT", "INT"),
        ("BIGINT", "seq * {n}", "BIGINT", "BIGINT"),
        ("DECIMAL(14,3)", "(seq * {n}) % 1000000 / 8", "DECIMAL(14,3)", "DECIMAL(14,3)"),
        ("VARCHAR(30)", "CONCAT('value ', (seq + {n}) % 10007)", "STRING", "VARCHAR(120)"),
        ("DATE", "'2020-01-01' + INTERVAL (seq + {n}) % 3000 DAY", "DATE", "DATE"),
    ]
    columns, values, flink, target = ["id BIGINT PRIMARY KEY"], ["seq"], ["id BIGINT"], ["id BIGINT NOT NULL"]
    for n in range(1, WIDE_COLUMNS):
        kind, value, flink_kind, target_kind = kinds[n % len(kinds)]
        columns.append(f"c{n} {kind}")
        values.append(value.format(n=n))
        flink.append(f"c{n} {flink_kind}")
        target.append(f"c{n} {target_kind}")
    return Shape("wide", ", ".join(columns), ", ".join(values), ", ".join(flink), ", ".join(target), 1_200_000)


SHAPES = {shape.name: shape for shape in (_narrow(), _ordinary(), _wide())}


def fill(server, database: str, shape: Shape, rows: int):
    server.execute(f"CREATE DATABASE IF NOT EXISTS {database}")
    server.execute(
        f"CREATE TABLE {database}.{shape.name} ({shape.columns}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
        f"INSERT INTO {database}.{shape.name} SELECT {shape.values} FROM seq_1_to_{rows}",
        f"ANALYZE TABLE {database}.{shape.name}", database=database)
