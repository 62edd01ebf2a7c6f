"""gh-ost and pt-online-schema-change by the statements that they send, with the task killed between any two of them."""
import json

import pytest

from harness.process import wait_until
from harness.starlift import OK, STOPPED_BY_POLICY, start_starlift, starlift

from .support import assert_equal, tables_of

FOLLOW = ("--phases", "structure,full,incremental")
PATIENCE = 120

# What both are told to do: a column more, a column under another name, one of another type.
CHANGE = "ADD COLUMN extra INT NOT NULL DEFAULT 7, CHANGE COLUMN n amount BIGINT, MODIFY COLUMN v VARCHAR(300)"
COPY = ("INSERT {how} INTO {copy} (id, v, amount) SELECT id, v, n FROM t FORCE INDEX (`PRIMARY`) "
        "WHERE id BETWEEN {low} AND {high} LOCK IN SHARE MODE")

GH_OST = [
    ["DROP TABLE IF EXISTS `_t_gho`", "DROP TABLE IF EXISTS `_t_ghc`"],
    ["CREATE TABLE `_t_ghc` (id BIGINT AUTO_INCREMENT, last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, "
     "hint VARCHAR(64) CHARSET ascii NOT NULL, value VARCHAR(4096) CHARSET ascii NOT NULL, PRIMARY KEY (id), UNIQUE KEY hint_uidx (hint)) "
     "AUTO_INCREMENT=256 COMMENT='gh-ost'",
     "INSERT INTO `_t_ghc` (id, hint, value) VALUES (2, 'state', 'GhostTableMigrated')"],
    ["CREATE TABLE `_t_gho` LIKE t"],
    ["ALTER TABLE `_t_gho` " + CHANGE],
    [COPY.format(how="IGNORE", copy="`_t_gho`", low=1, high=100)],
    ["UPDATE t SET v = 'while copying' WHERE id = 5", "REPLACE INTO `_t_gho` (id, v, amount) SELECT id, v, n FROM t WHERE id = 5",
     "INSERT INTO t VALUES (301, 'new', 3)"],
    [COPY.format(how="IGNORE", copy="`_t_gho`", low=101, high=400)],
    ["CREATE TABLE `_t_del` (id INT AUTO_INCREMENT PRIMARY KEY) COMMENT='ghost-cut-over-sentry'", "DROP TABLE `_t_del`",
     "RENAME TABLE t TO `_t_del`, `_t_gho` TO t"],
    ["INSERT INTO t (id, v, amount, extra) VALUES (302, 'after', 5000000000, 8)"],
    ["DROP TABLE `_t_ghc`", "DROP TABLE `_t_del`"],
]

PT_OSC = [
    ["CREATE TABLE `_t_new` (`id` int(11) NOT NULL, `v` varchar(200) DEFAULT NULL, `n` int(11) DEFAULT NULL, PRIMARY KEY (`id`))"],
    ["ALTER TABLE `_t_new` " + CHANGE],
    ["CREATE TRIGGER pt_osc_del AFTER DELETE ON t FOR EACH ROW DELETE IGNORE FROM `_t_new` WHERE `_t_new`.id <=> OLD.id",
     "CREATE TRIGGER pt_osc_upd AFTER UPDATE ON t FOR EACH ROW BEGIN DELETE IGNORE FROM `_t_new` WHERE !(OLD.id <=> NEW.id) "
     "AND `_t_new`.id <=> OLD.id; REPLACE INTO `_t_new` (id, v, amount) VALUES (NEW.id, NEW.v, NEW.n); END",
     "CREATE TRIGGER pt_osc_ins AFTER INSERT ON t FOR EACH ROW REPLACE INTO `_t_new` (id, v, amount) VALUES (NEW.id, NEW.v, NEW.n)"],
    [COPY.format(how="LOW_PRIORITY IGNORE", copy="`_t_new`", low=1, high=100)],
    ["UPDATE t SET v = 'while copying' WHERE id = 5", "INSERT INTO t VALUES (301, 'new', 3)", "DELETE FROM t WHERE id = 7"],
    [COPY.format(how="LOW_PRIORITY IGNORE", copy="`_t_new`", low=101, high=400)],
    ["ANALYZE TABLE `_t_new`", "RENAME TABLE t TO `_t_old`, `_t_new` TO t"],
    ["INSERT INTO t (id, v, amount, extra) VALUES (302, 'after', 5000000000, 8)"],
    ["DROP TABLE IF EXISTS `_t_old`", "DROP TRIGGER IF EXISTS pt_osc_del", "DROP TRIGGER IF EXISTS pt_osc_upd", "DROP TRIGGER IF EXISTS pt_osc_ins"],
]


class Follower:
    def __init__(self, mariadb, sandbox, database, scratch):
        self.mariadb, self.sandbox, self.database, self.scratch = mariadb, sandbox, database, scratch
        file = scratch / "task.yaml"
        file.write_text(f"version: 1\nname: t\nsource: {{url: '{mariadb.url(database)}'}}\ntarget: {{url: '{sandbox.url()}'}}\n"
                        "schema_changes: {drop_column: apply, drop_table: apply}\n")
        self.arguments = (file, "--home", scratch / "home", *FOLLOW)
        self.marks = 0
        mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200), n INT)", "CREATE TABLE mark (id INT PRIMARY KEY)",
                        "INSERT INTO t SELECT seq, CONCAT('value ', seq), seq FROM seq_1_to_300", database=database)

    def start(self):
        self.process = start_starlift("sync", *self.arguments, log=self.scratch / "log")

    def checkpoint(self):
        run = starlift("status", "t", "--home", self.scratch / "home", "--json")
        return json.loads(run.out)["checkpoint"] if run.code == OK else ""

    def pass_by(self):
        """The task's checkpoint is behind all that was written until now."""
        self.marks += 1
        self.mariadb.execute(f"INSERT INTO mark VALUES ({self.marks})", database=self.database)
        here = self.mariadb.execute("SELECT @@gtid_current_pos")[0][0]
        wait_until("the checkpoint", lambda: not self.process.alive() or here in self.checkpoint(), timeout=PATIENCE)
        assert self.process.alive(), self.process.tail()

    def finish(self):
        run = starlift("sync", *self.arguments, "--until-caught-up", timeout=PATIENCE).expect(OK)
        self.said = run.out + run.err


@pytest.fixture
def follower(mariadb, sandbox, database, scratch):
    made = Follower(mariadb, sandbox, database, scratch)
    made.finish()
    return made


TOOLS = pytest.mark.parametrize("tool", [GH_OST, PT_OSC], ids=["gh-ost", "pt-osc"])


def assert_changed(mariadb, sandbox, database):
    assert_equal(mariadb, sandbox, database)
    assert tables_of(sandbox, database) == ["mark", "t"]
    columns = [row[0] for row in sandbox.execute(f"DESCRIBE {database}.t")]
    assert sorted(columns) == ["amount", "extra", "id", "v"]


@TOOLS
def test_a_swap_without_a_restart(mariadb, sandbox, database, follower, tool):
    for statements in tool:
        mariadb.execute(*statements, database=database)
    follower.finish()
    assert "loading" not in follower.said  # nothing had to be read again
    assert_changed(mariadb, sandbox, database)


@TOOLS
def test_a_kill_behind_every_step(mariadb, sandbox, database, follower, tool):
    """Each run begins where the one before has stored its checkpoint: between two statements of the tool."""
    for statements in tool:
        mariadb.execute(*statements, database=database)
        follower.start()
        follower.pass_by()
        follower.process.kill()
    follower.finish()
    assert "loading" not in follower.said
    assert_changed(mariadb, sandbox, database)


@TOOLS
def test_the_swap_comes_while_the_task_is_away(mariadb, sandbox, database, follower, tool):
    """A column that got another name in the copy keeps its values, though the run that sees the swap didn't see that."""
    for statements in tool[:len(tool) // 2]:
        mariadb.execute(*statements, database=database)
    follower.start()
    follower.pass_by()
    follower.process.kill()
    for statements in tool[len(tool) // 2:]:
        mariadb.execute(*statements, database=database)
    follower.finish()
    assert "loading" not in follower.said
    assert_changed(mariadb, sandbox, database)


@TOOLS
def test_a_task_that_begins_in_the_midst_of_it(mariadb, sandbox, database, scratch, tool):
    """The copy is a table like any other then; what takes the table's place is read again."""
    follower = Follower(mariadb, sandbox, database, scratch)
    middle = len(tool) // 2
    for statements in tool[:middle]:
        mariadb.execute(*statements, database=database)
    follower.finish()
    for statements in tool[middle:]:
        mariadb.execute(*statements, database=database)
    follower.finish()
    assert "loading" in follower.said
    assert_changed(mariadb, sandbox, database)


def test_a_swap_by_hand_may_bring_other_rows(mariadb, sandbox, database, follower):
    """Without a tool that copies, the name says nothing of the rows."""
    mariadb.execute("CREATE TABLE `_t_new` LIKE t", "INSERT INTO `_t_new` SELECT id, 'kept', n FROM t WHERE id > 250",
                    "RENAME TABLE t TO `_t_old`, `_t_new` TO t", "INSERT INTO t VALUES (999, 'after', 9)", database=database)
    follower.finish()
    assert "loaded anew" in follower.said
    assert sandbox.execute(f"SELECT COUNT(*) FROM {database}.t") == ((51,),)
    mariadb.execute("DROP TABLE `_t_old`", database=database)
    follower.finish()
    assert_equal(mariadb, sandbox, database)


def test_a_table_whose_name_is_a_copys_is_followed(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE `_t_old` (id INT PRIMARY KEY, v INT)", "INSERT INTO `_t_old` VALUES (1, 1)", database=database)
    follower = Follower(mariadb, sandbox, database, scratch)
    follower.finish()
    mariadb.execute("UPDATE `_t_old` SET v = 2", "INSERT INTO `_t_old` VALUES (2, 2)", database=database)
    follower.finish()
    assert_equal(mariadb, sandbox, database)


def test_a_unique_key_that_the_copy_enforces_takes_rows_away(mariadb, sandbox, database, follower):
    mariadb.execute("UPDATE t SET n = 1 WHERE id < 4", "CREATE TABLE `_t_gho` LIKE t", "ALTER TABLE `_t_gho` ADD UNIQUE KEY (n)",
                    "INSERT IGNORE INTO `_t_gho` SELECT * FROM t", "RENAME TABLE t TO `_t_del`, `_t_gho` TO t", "DROP TABLE `_t_del`",
                    database=database)
    follower.finish()
    assert sandbox.execute(f"SELECT COUNT(*) FROM {database}.t") == ((298,),)
    assert_equal(mariadb, sandbox, database)


def test_a_table_that_nobody_followed_comes_in_by_its_new_name(mariadb, sandbox, database, follower):
    """The log doesn't say what it is: the task stops and says how to take it in, which then works."""
    outside = f"{database}_outside"
    mariadb.execute(f"CREATE DATABASE {outside}")
    try:
        mariadb.execute(f"CREATE TABLE {outside}.x (id INT PRIMARY KEY, v INT)", f"INSERT INTO {outside}.x VALUES (1, 1)")
        follower.finish()
        mariadb.execute(f"RENAME TABLE {outside}.x TO {database}.x", f"INSERT INTO {database}.x VALUES (2, 2)")
        starlift("sync", *follower.arguments, "--until-caught-up", timeout=PATIENCE).expect(STOPPED_BY_POLICY, f"add-table TASK {database}.x")
        starlift("add-table", "t", f"{database}.x", "--home", follower.scratch / "home").expect(OK)
        follower.finish()
        mariadb.execute(f"UPDATE {database}.x SET v = 3 WHERE id = 2")
        follower.finish()
        assert_equal(mariadb, sandbox, database)
    finally:
        mariadb.execute(f"DROP DATABASE {outside}")
