"""Short words for the tests of sources whose structure alone is read."""
import re

from harness.starlift import CHECK_FAILED, Run, starlift


def ddl(source_url, sandbox, home, *options) -> dict:
    """The CREATE TABLE statements of a dry run, by the target table's name."""
    run = starlift("sync", source_url, sandbox.url(), "--home", home, "--dry-run", "--ddl-only", *options)
    run.expect(CHECK_FAILED, "rows-not-read-yet")
    statements = re.findall(r"^CREATE TABLE.*?;$", run.out, re.S | re.M)
    return {re.search(r"`[^`]+`\.`((?:[^`]|``)+)`", text).group(1): text for text in statements}


def smt_config(kind, port, user, password="", host="127.0.0.1", database=".*", authentication=None) -> str:
    """A config_prod.conf of one rule for all tables of the databases that `database` matches."""
    login = f"authentication = {authentication}\n" if authentication else ""
    return (f"[db]\nhost = {host}\nport = {port}\nuser = {user}\npassword = {password}\ntype = {kind}\n{login}"
            "[other]\nbe_num = 1\nuse_decimal_v3 = true\noutput_dir = ./result\n"
            f"[table-rule.1]\ndatabase = {database}\ntable = .*\nschema = .*\n"
            "flink.starrocks.jdbc-url=jdbc:mysql://fe.example:9030\nflink.starrocks.load-url=fe.example:8030\n"
            "flink.starrocks.username=root\nflink.starrocks.password=\n")


def check(source_url, sandbox, home, *options) -> Run:
    return starlift("check", source_url, sandbox.url(), "--home", home, *options)


def column_line(statement: str, column: str) -> str:
    """The line of one column in a CREATE TABLE."""
    for line in statement.splitlines():
        if line.strip().startswith(f"`{column}` "):
            return " ".join(line.strip().rstrip(",").split())
    raise AssertionError(f"no column {column} in\n{statement}")
