"""Run every bench, write `bench/results/<name>.json`, print one table.

Usage: python -m bench [MODULE ...]

A module's `measure()` returns rows with `name`, `value`, `unit`, `limit` (what physics or the best peer gives in the
same run), `ratio` (limit / value for times, value / limit for rates: 1.0 is the limit, higher is better) and `goal`.
"""

import importlib
import json
import pkgutil
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

import bench
from bench.row import Row

NO_BENCHES = {"__main__", "authorities", "driving", "provider_server", "row"}
RESULTS = Path(__file__).parent / "results"


def main(chosen: list[str]) -> int:
    """Measure, write, print; 1 when a bench could not run."""
    known = [module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in NO_BENCHES]
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    failed = 0
    for name in chosen or known:
        print(f"measuring {name} …", file=sys.stderr)
        try:
            rows += importlib.import_module(f"bench.{name}").measure()
        except Exception as error:  # noqa: BLE001 - one bench that cannot run must not hide the others
            print(f"{name} could not be measured: {type(error).__name__}: {error}", file=sys.stderr)
            failed = 1
    _write(rows)
    _print(rows)
    return failed


def _write(rows: list[Row]) -> None:
    RESULTS.mkdir(exist_ok=True)
    surroundings = {
        "machine": f"{platform.machine()} {platform.system()} Python {platform.python_version()}",
        "versions": {name: version(name) for name in ("warifu", "cryptography")},
    }
    for row in rows:
        file = RESULTS / (re.sub(r"[^a-z0-9]+", "-", row["name"].lower()).strip("-") + ".json")
        file.write_text(json.dumps({**row, **surroundings}, ensure_ascii=False, indent=2) + "\n")


def _print(rows: list[Row]) -> None:
    table = Table("job", "value", "limit", "ratio", "goal", "reached")
    for row in rows:
        reached = "yes" if row["ratio"] >= row["goal"] else "no"
        value, limit = (f"{row[key]:.4g} {row['unit']}" for key in ("value", "limit"))
        table.add_row(row["name"], value, limit, f"{row['ratio']:.2f}", f"{row['goal']:.2f}", reached)
    Console(width=None if sys.stdout.isatty() else 140).print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
