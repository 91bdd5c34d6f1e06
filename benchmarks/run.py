"""The product beside the raw limit, as ratios of one run.

    python benchmarks/run.py [--size quick] [--engine sqlite] [--only readings] [--json FILE]

How to read the table: docs/benchmarks.md. A missed goal is a finding, not a failure: the exit
code is 0 all the same.
"""

import argparse
import platform
import signal
import sys
import tempfile
import time
from pathlib import Path

from ratios import sizes
from ratios.crowd import measure_crowd
from ratios.databases import ENGINES, new_databases
from ratios.dataset import stock
from ratios.imports import measure_imports
from ratios.measuring import Results
from ratios.postings import measure_postings
from ratios.readings import Sites, measure_readings
from ratios.reserving import measure_reserving
from ratios.servers import serving_all
from ratios.sizes import Size

PARTS = ("readings", "postings", "crowd", "imports")
SIZES = {"full": sizes.FULL, "quick": sizes.QUICK, "smoke": sizes.SMOKE}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--json", type=Path, help="file to keep everything in")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers and files go with us
    results = Results()
    started = time.monotonic()
    for engine in given.engine or ENGINES:
        with tempfile.TemporaryDirectory(prefix="racking-bench-") as folder:
            measure(engine, Path(folder), SIZES[given.size], given.only or PARTS, results)
    print(f"\n{results.table()}\n\n{given.size}, {(time.monotonic() - started) / 60:.1f} minutes")
    if given.json:
        machine = {"python": platform.python_version(), "machine": platform.platform()}
        results.write(given.json, {"size": given.size, **machine})


def measure(engine: str, folder: Path, size: Size, parts: list[str], results: Results) -> None:
    with new_databases(engine, folder) as make:
        if set(parts) - {"imports"}:
            print(f"{engine}: writing {size.few + size.many + size.more_movements:,} movements",
                  flush=True)  # fmt: skip
            sites = Sites(
                stock(make("few"), folder / "few", items=size.items, movements=size.few),
                stock(make("many"), folder / "many", items=size.items, movements=size.many),
                stock(
                    make("more"), folder / "more", items=size.more_items,
                    movements=size.more_movements,
                ),
            )  # fmt: skip
            with serving_all(sites.all) as ports:
                if "readings" in parts:
                    measure_readings(sites, ports, size, results)
                if "postings" in parts:
                    measure_postings(sites, ports, size, results)
                if "crowd" in parts:
                    measure_crowd(sites.many, ports[1], size, results)
                    measure_reserving(sites.many, ports[1], size, results)
        if "imports" in parts:
            imported = stock(
                make("imported"), folder / "imported", items=size.items, movements=size.few
            )
            measure_imports(imported, size, results)


if __name__ == "__main__":
    main()
