"""Transactions at a steady rate. Each has a number, higher than any before it, that all of its rows carry."""
import time

from pymysql.constants import CLIENT

MANY_TABLES = 32  # beyond this the tables are written one row at a time
_ROWS_KEPT = 200_000  # a table's ids go round, so that it doesn't grow for ever
_STATEMENTS_AT_ONCE = 50


def _await(moment: float):
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)


class SteadyWriter:
    """A hundred transactions a second (fewer at low rates), each of one table: half inserts, half updates of earlier rows."""

    _number = 0

    def __init__(self, source, database, tables, rate, seconds):
        self.source, self.database, self.tables, self.seconds = source, database, tables, seconds
        self.per_second = max(1, min(100, rate // 10))
        self.half = max(1, rate // self.per_second // 2)
        self.changes = 0

    def run(self):
        """Gives (table, number, moment of the commit) of each transaction, and how long it took."""
        commits = []
        with self.source.connect(self.database, autocommit=False) as connection, connection.cursor() as cursor:
            began = time.monotonic()
            for turn in range(self.seconds * self.per_second):
                _await(began + turn / self.per_second)
                table = self.tables[turn % len(self.tables)]
                self._write(cursor, table)
                connection.commit()
                commits.append((table, SteadyWriter._number, time.monotonic()))
            return commits, time.monotonic() - began

    def _write(self, cursor, table):
        # Kept from run to run, as the tables are.
        SteadyWriter._number += 1
        number = SteadyWriter._number
        first = number * self.half % _ROWS_KEPT
        self.changes += self.half + cursor.execute(
            f"UPDATE {table} SET number = {number}, note = CONCAT('changed ', number) "
            f"WHERE id BETWEEN {first - 5 * self.half * len(self.tables)} AND {first - 1} ORDER BY id DESC LIMIT {self.half}")
        cursor.execute(
            f"REPLACE INTO {table} SELECT seq, {number}, seq % 1003, seq % 1000000 / 7, '2024-01-01' + INTERVAL seq SECOND, "
            f"REPEAT('note ', 10), CONCAT('City of ', seq % 5000) FROM seq_{first}_to_{first + self.half - 1}")


class ManyTablesWriter:
    """One row of each table in turn, some statements per round trip, each its own transaction."""

    _number = 0

    def __init__(self, source, database, tables, rate, seconds):
        self.source, self.database, self.tables, self.rate, self.seconds = source, database, tables, rate, seconds
        self.changes = 0

    def run(self):
        """As SteadyWriter. The moment is that of the round trip's begin: delays are told a little too long."""
        commits = []
        flags = {"client_flag": CLIENT.MULTI_STATEMENTS}
        with self.source.connect(self.database, **flags) as connection, connection.cursor() as cursor:
            began = time.monotonic()
            for turn in range(self.rate * self.seconds // _STATEMENTS_AT_ONCE):
                _await(began + turn * _STATEMENTS_AT_ONCE / self.rate)
                written = [self._statement() for _ in range(_STATEMENTS_AT_ONCE)]
                begun = time.monotonic()
                cursor.execute(";".join(statement for _, _, statement in written))
                while cursor.nextset():
                    pass
                commits.extend((table, number, begun) for table, number, _ in written)
                self.changes += len(written)
            return commits, time.monotonic() - began

    def _statement(self):
        ManyTablesWriter._number += 1
        number = ManyTablesWriter._number
        table = self.tables[number % len(self.tables)]
        return table, number, (f"REPLACE INTO {table} VALUES ({number // len(self.tables) % 100}, {number}, 7, 1.5, '2024-01-01', "
                               f"'note {number}', 'city')")
