"""SQLite and DuckDB on the work of `cargo bench -p hebe --bench store`, which starts this and passes its own figure.

python3 store_references.py FOLDER SERIES TICKS MILLISECONDS_OF_HEBES_TICK

A tick is SERIES rows in one durable transaction, on a table that has two hours of them already. DuckDB (with pandas) is left out where its wheel is missing; it also
opens the segments that Hebe has left in FOLDER/ticked, as do pandas and polars where they are installed.
"""

import os
import random
import sqlite3
import statistics
import sys
import time

START = 1_789_948_800_000
STEP = 15_000


BEFORE = 480  # Ticks that the table has before the first that is timed: two hours.


def rows(series, tick, state):
    for k in range(series):
        state[k] += random.choice((0, 0, 0, 4096, -4096))
    return [(k, START + tick * STEP, float(state[k])) for k in range(series)]


def history(series):
    """Two hours of every series, in the order of the index."""
    return ((k, START - tick * STEP, 4096.0 * k) for k in range(series) for tick in range(BEFORE, 0, -1))


def told(times):
    times = sorted(times)
    return f"median {statistics.median(times) * 1e3:.2f} ms, fastest {times[0] * 1e3:.2f} ms, of {len(times)}"


def timed(times, each):
    took = []
    for k in range(times):
        begun = time.perf_counter()
        each(k)
        took.append(time.perf_counter() - begun)
    return took


def ticks(name, series, count, append, hebe_ms):
    random.seed(7)
    state = [random.randrange(50_000) * 4096 for _ in range(series)]
    batches = [rows(series, tick, state) for tick in range(count)]
    took = timed(count, lambda k: append(batches[k]))
    ratio = statistics.median(took) * 1e3 / hebe_ms
    print(f"  {name:23} {told(took)}: {ratio:.0f} times Hebe's", flush=True)
    return batches


def sqlite(folder, series, count, hebe_ms, journal, key):
    path = os.path.join(folder, f"{journal}-{key}.sqlite")
    base = sqlite3.connect(path, isolation_level=None)
    base.execute(f"pragma journal_mode={journal}")
    base.execute("pragma synchronous=full")
    base.execute("create table sample (series integer, time integer, used real)")
    base.execute("begin")
    base.executemany("insert into sample values (?, ?, ?)", history(series))
    if key:
        base.execute("create index by_series on sample (series, time)")
    base.execute("commit")

    def append(batch):
        base.execute("begin")
        base.executemany("insert into sample values (?, ?, ?)", batch)
        base.execute("commit")

    index = ", index" if key else ""
    ticks(f"SQLite tick ({journal}{index})", series, count, append, hebe_ms)
    if key:
        size = os.path.getsize(path) / (series * (count + BEFORE))
        query = "select time, used from sample where series = ? order by time desc limit 300"
        took = timed(50, lambda k: base.execute(query, (k * 7919 % series,)).fetchall())
        print(f"  SQLite 300 samples      {told(took)}; {size:.1f} bytes a sample", flush=True)
    base.close()


def duck(folder, series, count, hebe_ms):
    try:
        import duckdb
        import pandas
    except ImportError as missing:
        print(f"  DuckDB is left out: {missing}")
        return
    path = os.path.join(folder, "duck.db")
    base = duckdb.connect(path)
    base.execute("create table sample (series integer, time bigint, used double)")
    base.execute(
        f"insert into sample select k, {START} - tick * {STEP}, 4096.0 * k"
        f" from range({series}) a(k), range(1, {BEFORE + 1}) b(tick) order by k, tick desc"
    )

    def append(batch):
        frame = pandas.DataFrame(batch, columns=["series", "time", "used"])
        base.execute("insert into sample select * from frame")

    ticks("DuckDB tick", series, count, append, hebe_ms)
    query = "select time, used from sample where series = ? order by time desc limit 300"
    took = timed(50, lambda k: base.execute(query, [k * 7919 % series]).fetchall())
    base.execute("checkpoint")
    size = os.path.getsize(path) / (series * (count + BEFORE))
    print(f"  DuckDB 300 samples      {told(took)}; {size:.1f} bytes a sample", flush=True)


def opened(folder):
    store = os.path.join(folder, "ticked")
    raw = os.path.join(store, "raw", "*.parquet")
    query = (
        "select count(*), count(distinct series), max(used / \"limit\"), min(time), max(time) "
        f"from '{raw}'"
    )
    try:
        import duckdb

        begun = time.perf_counter()
        base = duckdb.connect()
        answer = base.execute(query).fetchall()[0]
        print(f"  DuckDB over the segments {time.perf_counter() - begun:.2f} s: {answer}")
        table = os.path.join(store, "series", "*.parquet")
        query = f"select unit, count(*) from '{raw}' join '{table}' using (series) group by unit"
        joined = base.execute(query).fetchall()
        print(f"  joined with the table    {joined}")
    except ImportError as missing:
        print(f"  not opened by DuckDB: {missing}")
    newest = sorted(os.listdir(os.path.join(store, "raw")))[-1]
    newest = os.path.join(store, "raw", newest)
    for name in ("pandas", "polars"):
        try:
            frame = __import__(name).read_parquet(newest)
            print(f"  {name:23}  {frame.shape}, {dict(zip(frame.columns, map(str, frame.dtypes)))}")
        except ImportError as missing:
            print(f"  not opened by {name}: {missing}")


def main():
    folder, series, count, hebe_ms = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    sqlite(folder, series, count, hebe_ms, "delete", True)
    sqlite(folder, series, count, hebe_ms, "wal", True)
    sqlite(folder, series, count, hebe_ms, "wal", False)
    duck(folder, series, count, hebe_ms)
    opened(folder)


if __name__ == "__main__":
    main()
