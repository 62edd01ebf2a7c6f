"""A Flink inside one JVM, with the CDC sources and the StarRocks sink from Maven."""
import contextlib
import hashlib
import os
import re
import subprocess
from pathlib import Path

from .paths import dependency_cache
from .process import Process

PROJECTS = Path(__file__).resolve().parents[1] / "judges"


# Projects that are other jars for the same judges.
_SOURCES = {"planner": "flink"}


def classpath(project="flink") -> str:
    """Fetches the jars and compiles the judges once per version of them; the class path to run with."""
    folder = PROJECTS / project
    inputs = [folder / "pom.xml", *sorted((PROJECTS / _SOURCES.get(project, project)).rglob("*.java"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()[:12]
    home = dependency_cache() / f"{project}-judge-{digest}"
    if not (home / "ready").exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mvn", "-q", "-B", "-f", folder / "pom.xml", "dependency:copy-dependencies",
                        f"-DoutputDirectory={home / 'lib'}"], check=True, timeout=900)
        subprocess.run(["javac", "-cp", f"{home / 'lib'}/*", "-d", home / "classes", *inputs[1:]],
                       check=True, timeout=300)
        (home / "ready").touch()
    return f"{home / 'classes'}:{home / 'lib'}/*"


def _command(main_class: str, arguments, heap: str, project: str):
    return ["java", f"-Xmx{heap}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", classpath(project),
            f"io.starlift.judges.{main_class}", *map(str, arguments)]


def run_java(main_class: str, *arguments, heap="768m", timeout=600, project="flink") -> str:
    """Runs a judge; gives what it printed, and fails with its log."""
    done = subprocess.run(
        _command(main_class, arguments, heap, project),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, text=True, env=dict(os.environ))
    assert done.returncode == 0, f"{main_class} ended with {done.returncode}:\n{done.stdout[-6000:]}"
    return done.stdout


@contextlib.contextmanager
def running(main_class: str, *arguments, log: Path, heap="768m", project="flink"):
    """A judge that runs until the block ends: a job that follows changes never ends by itself."""
    process = Process(_command(main_class, arguments, heap, project), log, name=main_class)
    try:
        yield process
    finally:
        process.close()


def run_sql(script: Path, **settings) -> dict:
    """Runs a Flink SQL file; gives the last INSERT's figures."""
    output = run_java("RunSql", script, *(f"{key.replace('__', '.')}={value}" for key, value in settings.items()))
    figures = re.findall(r"wall_seconds=([\d.]+) process_cpu_seconds=([\d.]+)", output)
    assert figures, output[-3000:]
    return {"wall_seconds": float(figures[-1][0]), "cpu_seconds": float(figures[-1][1])}
