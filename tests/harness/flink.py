"""A Flink inside one JVM, with the MySQL CDC source and the StarRocks sink from Maven."""
import hashlib
import os
import re
import subprocess
from pathlib import Path

from .paths import dependency_cache

PROJECT = Path(__file__).resolve().parents[1] / "judges" / "flink"


def classpath() -> str:
    """Fetches the jars and compiles the judges once per version of them; the class path to run with."""
    inputs = [PROJECT / "pom.xml", *sorted(PROJECT.rglob("*.java"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()[:12]
    home = dependency_cache() / f"flink-judge-{digest}"
    if not (home / "ready").exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mvn", "-q", "-B", "-f", PROJECT / "pom.xml", "dependency:copy-dependencies",
                        f"-DoutputDirectory={home / 'lib'}"], check=True, timeout=900)
        subprocess.run(["javac", "-cp", f"{home / 'lib'}/*", "-d", home / "classes", *inputs[1:]],
                       check=True, timeout=300)
        (home / "ready").touch()
    return f"{home / 'classes'}:{home / 'lib'}/*"


def run_java(main_class: str, *arguments, heap="768m", timeout=600) -> str:
    """Runs a judge; gives what it printed, and fails with its log."""
    done = subprocess.run(
        ["java", f"-Xmx{heap}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", classpath(),
         f"io.starlift.judges.{main_class}", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, text=True, env=dict(os.environ))
    assert done.returncode == 0, f"{main_class} ended with {done.returncode}:\n{done.stdout[-6000:]}"
    return done.stdout


def run_sql(script: Path, **settings) -> dict:
    """Runs a Flink SQL file; gives the last INSERT's figures."""
    output = run_java("RunSql", script, *(f"{key.replace('__', '.')}={value}" for key, value in settings.items()))
    figures = re.findall(r"wall_seconds=([\d.]+) process_cpu_seconds=([\d.]+)", output)
    assert figures, output[-3000:]
    return {"wall_seconds": float(figures[-1][0]), "cpu_seconds": float(figures[-1][1])}
