"""Sessions that change the source: transactions of every form, and one session for DDL."""
import random
import threading

import pymysql

from .row_changes import draw_change, insert
from .schema_changes import Architect

# What concurrent work and random values may rightly meet. Anything else is a mistake of the generator.
EXPECTED = {
    1048: "NULL in a NOT NULL column", 1062: "duplicate key", 1205: "lock wait", 1213: "deadlock", 1020: "record has changed", 1054: "column is gone",
    1146: "table is gone", 1136: "column count", 1412: "definition has changed", 1264: "out of range", 1366: "not a number", 1406: "too long",
    1292: "no such value", 1364: "no default", 1050: "exists already", 1091: "nothing to drop", 1265: "truncated", 1906: "computed column", 1118: "row size",
    1397: "no such XA transaction", 1399: "XA state", 1440: "XA id is used", 1402: "XA rolled back", 1614: "XA deadlock", 1613: "XA time",
    1176: "no such key", 1305: "savepoint is gone", 1416: "no geometry", 1052: "ambiguous", 1292: "bad date", 1901: "computed column",
    1296: "engine", 1030: "engine", 3105: "computed column", 1110: "column twice", 1060: "column exists", 1094: "killed", 1927: "killed", 1317: "interrupted",
    1712: "index is corrupted by a crash", 1034: "index is corrupted by a crash", 1070: "too many key parts", 1071: "key too long", 1069: "too many keys",
}
GONE = {2003, 2006, 2013, 2014, 2055, 1053, 0}


class Journal:
    """Every statement that succeeded, in the order of the answers, for whoever looks for a cause."""

    def __init__(self, path):
        self._file = open(path, "w", encoding="utf-8")
        self._lock = threading.Lock()
        self.statements = 0
        self.refused = 0

    def note(self, who, statement, error=None):
        with self._lock:
            if error is None:
                self.statements += 1
            else:
                self.refused += 1
            shown = statement if len(statement) < 4000 else f"{statement[:2000]} … {len(statement)} characters"
            self._file.write(f"{who}: {shown}{'' if error is None else f'  -- refused: {error}'}\n")
            self._file.flush()

    def close(self):
        self._file.close()


class Session(threading.Thread):
    """Does one piece of work after the other until stopped. A lost server is waited for."""

    def __init__(self, name, source, journal):
        super().__init__(name=name, daemon=True)
        self.source, self.journal = source, journal
        self.error = None
        self.stopping = threading.Event()
        self._connection = None

    def run(self):
        number = 0
        try:
            while not self.stopping.is_set():
                number += 1
                try:
                    self.step(number)
                except pymysql.err.Error as error:
                    self._recover(error)
                except OSError:
                    self._disconnect()
        except BaseException as error:  # shown by whoever joins
            self.error = error
        finally:
            self._disconnect()

    def step(self, number):
        raise NotImplementedError

    def execute(self, statement):
        try:
            with self._connected().cursor() as cursor:
                cursor.execute(statement)
        except pymysql.err.Error as error:
            self.journal.note(self.name, statement, error)
            raise
        self.journal.note(self.name, statement)

    def _connected(self):
        if self._connection is None:
            self._connection = self.source.connect(read_timeout=60)
            with self._connection.cursor() as cursor:
                cursor.execute("SET SESSION sql_mode = '', innodb_lock_wait_timeout = 3, lock_wait_timeout = 3, time_zone = '+00:00'")
        return self._connection

    def _recover(self, error):
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        if code in GONE:
            self._disconnect()
            self.stopping.wait(0.1)
        elif code not in EXPECTED:
            raise error
        else:
            try:
                with self._connected().cursor() as cursor:
                    cursor.execute("ROLLBACK")
            except pymysql.err.Error:  # inside an XA transaction: the connection's end ends it
                self._disconnect()

    def _disconnect(self):
        if self._connection is not None:
            try:
                self._connection.close()
            except (pymysql.err.Error, OSError):
                pass
            self._connection = None


class Writer(Session):
    """Changes rows. What it does as its n-th transaction depends on seed, n and the schema alone."""

    def __init__(self, number, seed, world):
        super().__init__(f"writer {number}", world.source, world.journal)
        self.seed, self.world = seed, world
        self.number = number

    def step(self, number):
        dice = random.Random(f"{self.seed}/{self.name}/{number}")
        table = self.world.schema.any(dice)
        if table is None:
            return self.stopping.wait(0.1)
        form = dice.choices([self.single, self.transaction, self.savepoints, self.xa, self.load, self.rotate], weights=[30, 50, 10, 5, 2, 1])[0]
        form(dice)
        self.stopping.wait(dice.expovariate(1) * self.world.pause)

    def change(self, dice):
        table = self.world.schema.any(dice)
        self.execute(draw_change(dice, table))

    def single(self, dice):
        self.change(dice)

    def transaction(self, dice):
        self.execute("BEGIN")
        for _ in range(dice.choice([1, 2, 3, 6])):
            self.change(dice)
        self.execute(dice.choices(["COMMIT", "ROLLBACK"], weights=[5, 1])[0])

    def savepoints(self, dice):
        self.execute("BEGIN")
        self.change(dice)
        self.execute("SAVEPOINT one")
        self.change(dice)
        self.execute("SAVEPOINT two")
        self.change(dice)
        self.execute(dice.choice(["ROLLBACK TO one", "ROLLBACK TO two", "RELEASE SAVEPOINT one"]))
        self.change(dice)
        self.execute(dice.choices(["COMMIT", "ROLLBACK"], weights=[5, 1])[0])

    def xa(self, dice):
        """Prepared by one session; mostly decided by it, at times by another one later.

        Neither server carries a decision through a crash in its midst to engine and log alike, so that it is not killed then.
        """
        with self.world.source_must_live:
            decide_prepared(self.source, dice, self.journal)
            name = f"'{self.name} {dice.getrandbits(60)}'"
            self.execute(f"XA START {name}")
            for _ in range(dice.choice([1, 3])):
                self.change(dice)
            self.execute(f"XA END {name}")
            if dice.random() < 0.3:
                return self.execute(f"XA COMMIT {name} ONE PHASE")
            self.execute(f"XA PREPARE {name}")
            if self.world.xa_outlives_sessions and dice.random() < 0.3:
                self._disconnect()
                if dice.random() < 0.5:
                    return None
            return self.execute(f"XA {dice.choice(['COMMIT', 'COMMIT', 'ROLLBACK'])} {name}")

    def load(self, dice):
        """Thousands of rows in one transaction."""
        table = self.world.schema.any(dice)
        self.execute("BEGIN")
        for _ in range(dice.choice([5, 20])):
            self.execute(insert(dice, table, rows=100))
        self.execute("COMMIT")

    def rotate(self, _dice):
        self.execute("FLUSH LOGS")


class DdlWriter(Session):
    """Changes definitions, one at a time: nobody kills the source while it does.

    Not before the full load is done: a definition that changes while a load is interrupted has to be begun anew.
    """

    def __init__(self, seed, world, architect: Architect, pause):
        super().__init__("ddl", world.source, world.journal)
        self.seed, self.world, self.architect, self.pause = seed, world, architect, pause
        self.done = 0

    def step(self, number):
        dice = random.Random(f"{self.seed}/{self.name}/{number}")
        if self.stopping.wait(dice.expovariate(1) * self.pause):
            return
        while not self.world.follows_changes():
            if self.stopping.wait(0.1):
                return
        with self.world.source_must_live:
            change = self.architect.draw(dice)
            self.execute(change.statement)
            change.apply(self.world.schema)
        self.done += 1


def decide_prepared(source, dice: random.Random, journal: Journal):
    """XA transactions that their sessions left behind keep locks until somebody decides."""
    with source.connect() as connection, connection.cursor() as cursor:
        cursor.execute("XA RECOVER")
        for _, length, _, data in cursor.fetchall():
            name = data[:length] if isinstance(data, str) else data[:length].decode()
            statement = f"XA {dice.choice(['COMMIT', 'ROLLBACK'])} '{name}'"
            cursor.execute(statement)
            journal.note("whoever finds it", statement)
