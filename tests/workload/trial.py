"""One trial: a source that writers change, a task that follows it, bad weather; in the end both must be equal."""
import contextlib
import random
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import compare as judge
from harness.process import wait_until
from harness.starlift import CHECK_FAILED, OK, UNREACHABLE, start_starlift
from harness.weather import Weather, gates_to, target_url

from .schema_changes import Architect
from .row_changes import insert
from .tables import NameMaker, Schema, draw_table
from .writer import DdlWriter, Journal, Session, Writer, decide_prepared

WEIGHTS = {"kill starlift": 22, "stop starlift": 5, "kill sandbox": 12, "restart sandbox": 2, "target fault": 18, "gate": 32, "kill source": 9}

# Killed, stopped on demand (-2: before main() was reached), gave up on a dead peer, or met one by chance while it checked.
INTERRUPTED = (UNREACHABLE, CHECK_FAILED, -9, -2, 130, 143)

# The target holds what the source holds: what is dropped there goes here too.
TASK = """\
version: 1
name: workload
source:
  url: {source}
target:
  url: {target}
tables: ['wa[.].*', 'wb[.].*']
limits:
  chunk-rows: 500
  retry-for: 60s
schema-changes:
  drop_table: apply
  drop_column: apply
"""


@dataclass(frozen=True)
class Size:
    """How long and how much."""

    seconds: float          # of writing and weather together
    tables: int
    rows: int               # of each table, at first, at most
    writers: int
    pause: float            # mean seconds between two transactions of one writer
    ddl_pause: float        # mean seconds between two schema changes
    calm: float             # mean seconds between two faults
    holds: tuple            # seconds that a faulty way stays so
    drain: float            # seconds within which the task has to catch up in the end


SHORT = Size(seconds=8, tables=10, rows=150, writers=2, pause=0.02, ddl_pause=2.0, calm=0.5, holds=(0.02, 0.1, 0.4), drain=150)
LONG = Size(seconds=40, tables=40, rows=1000, writers=3, pause=0.02, ddl_pause=2.5, calm=1.0, holds=(0.02, 0.1, 0.4, 2), drain=180)


def of_minutes(minutes: float, tables: int = 200) -> Size:
    return Size(seconds=minutes * 60, tables=tables, rows=2000, writers=4, pause=0.05, ddl_pause=5.0, calm=3.0, holds=(0.1, 0.4, 2, 8), drain=900)


class Trial:
    """Everything of one seed. What writers and weather do is drawn from it; the moments differ from run to run."""

    def __init__(self, seed: int, size: Size, source, sandbox, folder: Path, mariadb: bool):
        self.seed, self.size, self.source, self.sandbox, self.folder = seed, size, source, sandbox, folder
        self.mariadb = self.xa_outlives_sessions = mariadb
        self.schema, self.pause = Schema(), size.pause
        self.source_must_live = threading.RLock()
        self.journal = Journal(folder / "journal.sql")
        self.gates = gates_to(source, sandbox)
        self.weather = Weather(random.Random(f"{seed}/weather"), source, sandbox, self.gates, WEIGHTS, size.holds, self.source_must_live)
        self.process = None
        self.starts = 0
        self.runs = []  # exit codes
        self.name = NameMaker()
        self._follows = False

    def run(self):
        """Raises AssertionError with all that one needs to know."""
        try:
            self._make_tables()
            self._storm()
            self._calm_down()
            self._compare()
        except BaseException:
            print(f"{self}\nfaults: {self.weather.log}\njournal: {self.journal.statements} statements")
            raise
        finally:
            if self.process is not None and self.process.alive():
                self.process.kill()
            for gate in self.gates.values():
                gate.close()
            self.journal.close()

    def __str__(self):
        return (f"seed {self.seed}: {self.journal.statements} statements ({self.journal.refused} refused), {len(self.weather.log)} faults, "
                f"{sum(g.cuts for g in self.gates.values())} connections cut, {self.starts} starts of the task {self.runs}")

    # ---------------------------------------------------------------- before
    def _make_tables(self):
        dice = random.Random(f"{self.seed}/tables")
        session = Session("maker", self.source, self.journal)
        databases = ["wa", "wb"]
        for database in databases:
            session.execute(f"CREATE DATABASE {database} CHARACTER SET utf8mb4")
        for _ in range(self.size.tables):
            table = draw_table(dice, dice.choice(databases), self.name("t"), self.mariadb)
            session.execute(table.create())
            self.schema.put(table)
            left = dice.choice([0, dice.randrange(self.size.rows), self.size.rows])
            while left > 0:
                session.execute(insert(dice, table, rows=min(left, 100)))
                left -= 100
        session._disconnect()
        (self.folder / "task.yaml").write_text(TASK.format(source=self.source.url(port=self.gates["source"].port), target=target_url(self.sandbox, self.gates)))

    # ---------------------------------------------------------------- during
    def follows_changes(self) -> bool:
        """Whether the task has done its full load. Stays true."""
        if not self._follows and (self.folder / "task.log").exists():
            self._follows = "following changes from" in (self.folder / "task.log").read_text(errors="replace")
        return self._follows

    def _storm(self):
        architect = Architect(self.schema, self.name, self.mariadb, ["wa", "wb"], most_tables=self.size.tables + self.size.tables // 4)
        sessions = [Writer(n, self.seed, self) for n in range(self.size.writers)]
        sessions.append(DdlWriter(self.seed, self, architect, self.size.ddl_pause))
        for session in sessions:
            session.start()
        dice = self.weather.dice
        end = time.monotonic() + self.size.seconds
        try:
            while time.monotonic() < end:
                self._keep_running()
                pause = time.monotonic() + min(dice.expovariate(1 / self.size.calm), 5 * self.size.calm)
                while time.monotonic() < min(pause, end):
                    time.sleep(0.02)
                    self._keep_running()
                if time.monotonic() < end:
                    self.weather.strike(self.process)
                for session in sessions:
                    assert session.error is None, f"{session.name}: {session.error!r}"
        finally:
            for session in sessions:
                session.stopping.set()
            for session in sessions:
                session.join(90)
        for session in sessions:
            assert session.error is None, f"{session.name}: {session.error!r}"
            assert not session.is_alive(), f"{session.name} does not end"

    def _keep_running(self):
        """Starts the task when it isn't running, as a service manager would, and judges how it ended."""
        self.weather.revive()
        if self.process is not None and self.process.alive():
            return
        if self.process is not None:
            self._judge_end(INTERRUPTED)
        self.process = self._start()

    def _start(self, *options):
        self.starts += 1
        return start_starlift("sync", self.folder / "task.yaml", "--home", self.folder / "home", "--progress", "none",
                              "--phases", "structure,full,incremental", *options, log=self.folder / "task.log")

    def _judge_end(self, passing):
        code = self.process.exit_code()
        self.runs.append(code)
        assert code in passing, f"the task ended with {code} after {self.weather.log[-3:]}\n{self.process.tail(60)}"

    # ---------------------------------------------------------------- after
    def _calm_down(self):
        self.weather.clear_up()
        decide_prepared(self.source, random.Random(f"{self.seed}/end"), self.journal)
        if self.process.alive():
            self.process.kill() if self.weather.dice.random() < 0.5 else self.process.stop()
        self._judge_end(INTERRUPTED)
        self.process = self._start("--until-caught-up")
        with contextlib.suppress(TimeoutError):
            # A `die` that had not found its moment may still strike.
            wait_until("the task to catch up", lambda: self.weather.revive() or not self.process.alive(), timeout=self.size.drain)
        assert not self.process.alive(), f"stuck: does not catch up within {self.size.drain} s in calm weather\n{self.process.tail(60)}"
        self._judge_end((OK,))

    def _compare(self):
        found = judge.compare(self.source.url(), self.sandbox.url(), databases={"wa", "wb"}, widened=True)
        assert not found, "source and target differ:\n" + "\n".join(found[:60])
