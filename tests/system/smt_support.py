"""Reads the SQL files of `starlift smt`, and of the tool that it takes the place of, into what they mean."""
import re
from dataclasses import dataclass, field

from harness.paths import ROOT

FIXTURES = ROOT / "tests" / "fixtures" / "smt"
_DATABASES = ["shop", "types_db", "shop_1", "shop_2", "shop_10", "edu_db_1", "edu_db_2", "merge_db"]
_STATEMENT_END = re.compile(r";[ \t]*(?:\n|$)")
_QUOTED = re.compile(r"`(?:[^`]|``)*`|\"(?:[^\"\\]|\\.|\"\")*\"|'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_OPTION = re.compile(r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|''|\\.)*')\s*=\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|''|\\.)*')", re.DOTALL)


@dataclass
class Statement:
    """`head` up to the first parenthesis, columns in order, what follows them, options as a set."""

    head: str
    columns: list = field(default_factory=list)
    tail: str = ""
    options: frozenset = frozenset()

    def named(self, name):
        """The column's line."""
        return next(line for line in self.columns if line.startswith(f"`{name}` "))

    @property
    def is_table(self):
        return bool(self.columns)


def split(text):
    """The statements of a file, as text without their `;`."""
    hidden = _QUOTED.sub(lambda m: m.group().replace(";", "\ue000").replace("\n", "\ue001"), text)
    parts = [part.replace("\ue000", ";").replace("\ue001", "\n").strip() for part in _STATEMENT_END.split(hidden)]
    return [part for part in parts if part]


def _blanks(text):
    """Runs of blanks outside quotes as one."""
    out, at = [], 0
    for quoted in _QUOTED.finditer(text):
        out.append(re.sub(r"\s+", " ", text[at:quoted.start()]))
        out.append(quoted.group())
        at = quoted.end()
    out.append(re.sub(r"\s+", " ", text[at:]))
    return "".join(out).strip()


def read(statement):
    if not re.match(r"CREATE (EXTERNAL )?TABLE", statement):
        return Statement(_blanks(statement))
    head, _, rest = statement.partition(" (\n")
    body, _, tail = rest.partition("\n)")
    columns = [_blanks(line.rstrip(",")) for line in body.split("\n") if line.strip()]
    tail_head, word, options = re.split(r"(with \(|PROPERTIES \()", tail, maxsplit=1)
    pairs = frozenset((k[1:-1], v[1:-1]) for k, v in _OPTION.findall(options))
    return Statement(_blanks(head), columns, _blanks(tail_head), pairs)


def read_file(path):
    return [read(part) for part in split(path.read_bytes().decode("utf-8", "surrogateescape"))]


def difference(ours, theirs):
    """What one statement says otherwise than the other, as text; empty if they mean the same."""
    said = []
    if ours.head != theirs.head:
        said.append(f"{ours.head} | {theirs.head}")
    for mine, other in zip(ours.columns, theirs.columns):
        if mine != other:
            said.append(f"  {mine} | {other}")
    if len(ours.columns) != len(theirs.columns):
        said.append(f"  {len(ours.columns)} columns | {len(theirs.columns)}")
    if ours.tail != theirs.tail:
        said.append(f"  {ours.tail} | {theirs.tail}")
    if ours.options != theirs.options:
        said.append(f"  options {sorted(ours.options - theirs.options)} | {sorted(theirs.options - ours.options)}")
    return "\n".join(said)


def make_mysql_schemas(server):
    """The fixture's databases, anew."""
    for name in _DATABASES:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
    server.execute_script(FIXTURES / "mysql.sql")
