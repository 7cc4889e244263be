"""Runs the peers and Hebe on the same series and prints how good and how fast each is.

    python3 notebooks/peers [--quick] [--seeds 100..105] [--out FOLDER] [--short] [--by-scenario]

Formulas, Mann-Kendall and Hebe answer every evaluation of every series. The packages that need long for one answer
those of the first seeds that decide on alarms and dates, and every tenth of the others; Hebe is scored on exactly
those once more beside them.
"""

import argparse
import platform
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import alone  # noqa: F401
import contest
import hebe
import score

SEEDS = "100..105"
QUICK_SEEDS = "100..100"
PACKAGES = (
    "statsforecast",
    "prophet",
    "augurs",
    "ruptures",
    "pwlf",
    "pymannkendall",
    "numpy",
)


def versions():
    """What was compared."""
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join([*found, f"Python {platform.python_version()}"])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed, some minutes")
    parser.add_argument("--seeds", metavar="FIRST..LAST", help=f"default {SEEDS}")
    parser.add_argument(
        "--heavy-seeds", type=int, default=3, help="seeds for the slow ones"
    )
    parser.add_argument("--out", type=Path, help="where series and answers are kept")
    parser.add_argument("--short", action="store_true", help="one small table")
    parser.add_argument(
        "--by-scenario", action="store_true", help="Hebe's default method in detail"
    )
    return parser.parse_args()


def show(run, short, by_scenario):
    print(f"{run.description}\n\n{versions()}\n")
    print(contest.short_table(run) if short else contest.tables(run))
    for note in contest.notes(run):
        print(f"\n{note}")
    for entry in run.entries if by_scenario else ():
        if entry.windows == contest.HEBE_WINDOWS:
            print(f"\n### {entry.name} by scenario\n")
            print(score.by_scenario(entry.scenarios))


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    args = arguments()
    seeds = args.seeds or (QUICK_SEEDS if args.quick else SEEDS)
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.out or Path(scratch)
        hebe.simulate(folder, seeds)
        run = contest.hold(folder, hebe.binary(), args.heavy_seeds, say)
    show(run, args.short, args.by_scenario)


if __name__ == "__main__":
    main()
