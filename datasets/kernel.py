#!/usr/bin/env python3
"""Records a leak inside the kernel, with known shares: file locks, keys and sockets that programs take and keep.

    python3 kernel.py [--out DIR] [--seconds N] [--period SECONDS]

Reading `/proc/slabinfo` needs root. `kernel.csv` holds what collectors would read: memory of the kernel that cannot be
taken back, cache by cache. `kernel.json` holds what was really taken: objects by the actors' own count, each as large
as the kernel says objects of that kind are. The machine goes on with whatever else it does; the leaks are larger.
"""

import argparse
import array
import csv
import ctypes
import datetime
import fcntl
import json
import math
import os
import pathlib
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time

PAGE = os.sysconf("SC_PAGESIZE")
# Objects a second, and the cache that they are in.
LOCKS, KEYS, PAIRS = 4000, 1500, 40
CACHES = {"locks": ("file_lock_cache", 1), "keys": ("key_jar", 1), "sockets": ("UNIX", 2)}
LOCKS_A_FILE = 500
KEPT_CACHES = 24
ADD_KEY, PROCESS_KEYRING = 248, -2


def pace(step=0.25):
    """Seconds since the start, again and again; ends with the recorder."""
    start, parent = time.monotonic(), os.getppid()
    while os.getppid() == parent:
        time.sleep(step)
        yield time.monotonic() - start


def locks(rate):
    """Locks on single bytes, never next to each other: the kernel would join them."""
    file, files, taken = None, [], 0
    for t in pace():
        while taken < rate * t:
            if taken % LOCKS_A_FILE == 0:
                file = tempfile.TemporaryFile(dir="/dev/shm")
                files.append(file)
            fcntl.lockf(file, fcntl.LOCK_EX, 1, 2 * (taken % LOCKS_A_FILE))
            taken += 1
        yield taken


def keys(rate):
    libc = ctypes.CDLL(None, use_errno=True)
    payload, taken = b"x" * 24, 0
    for t in pace():
        while taken < rate * t:
            if libc.syscall(ADD_KEY, b"user", b"lab-%d" % taken, payload, len(payload), PROCESS_KEYRING) < 0:
                raise OSError(ctypes.get_errno(), "add_key")
            taken += 1
        yield taken


def sockets(rate):
    held = array.array("i")
    for t in pace():
        while len(held) < 2 * rate * t:
            held.extend(end.detach() for end in socket.socketpair())
        yield len(held) // 2


ACTS = {"locks": (locks, LOCKS), "keys": (keys, KEYS), "sockets": (sockets, PAIRS)}


def act(name, place):
    """Takes, and says in a file how many it has."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    take, rate = ACTS[name]
    for taken in take(rate):
        os.pwrite(place, struct.pack("q", taken), 0)


class Actor:
    def __init__(self, name):
        self.name, self.count = name, tempfile.TemporaryFile()
        place = self.count.fileno()
        words = [sys.executable, __file__, "--act", name, "--count", str(place)]
        self.process = subprocess.Popen(words, pass_fds=[place])

    def taken(self):
        if self.process.poll() is not None:
            sys.exit(f"kernel.py: {self.name} has ended: {self.process.returncode}")
        data = os.pread(self.count.fileno(), 8, 0)
        return struct.unpack("q", data)[0] if data else 0


def caches():
    """(bytes, bytes an object) of every cache that cannot be taken back."""
    found = {}
    for line in pathlib.Path("/proc/slabinfo").read_text().splitlines()[2:]:
        fields = line.split()
        name, size, pages, slabs = fields[0], int(fields[3]), int(fields[5]), int(fields[14])
        account = pathlib.Path(f"/sys/kernel/slab/{name}/reclaim_account")
        if not account.exists() or account.read_text().strip() == "0":
            found[name] = (slabs * pages * PAGE, size)
    return found


def listed(cache, found):
    """The name under which the kernel lists a cache: those of objects of one size are one, named after the first."""
    place = lambda name: os.path.realpath(f"/sys/kernel/slab/{name}")
    return cache if cache in found else next(name for name in found if place(name) == place(cache))


def unreclaimable():
    lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("SUnreclaim:"))


def iso(seconds):
    stamp = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"


def record(out, seconds, period):
    actors = [Actor(name) for name in ACTS]
    try:
        time.sleep(3)
        rows, counts, began = [], [], time.monotonic()
        for k in range(math.floor(seconds / period)):
            time.sleep(max(0, began + k * period - time.monotonic()))
            rows.append((iso(time.time()), unreclaimable(), caches()))
            counts.append((time.monotonic(), {actor.name: actor.taken() for actor in actors}))
    finally:
        for actor in actors:
            actor.process.kill()
            actor.process.wait()
    write(out, rows)
    truth(out, rows, counts, period)


def write(out, rows):
    largest = sorted(rows[-1][2], key=lambda name: -rows[-1][2][name][0])[:KEPT_CACHES]
    with open(out / "kernel.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["time", "metric", "cache", "value"])
        for now, total, found in rows:
            table.writerow([now, "memory.slab_unreclaimable", "", total])
            for name in largest:
                table.writerow([now, "slab.cache", name, found.get(name, (0, 0))[0]])


def truth(out, rows, counts, period):
    (first, before), (last, after) = counts[0], counts[-1]
    sizes, rates = rows[-1][2], {}
    for name, (cache, objects) in CACHES.items():
        cache = listed(cache, sizes)
        # As many as fit on a slab share its pages.
        taken = (after[name] - before[name]) / (last - first)
        rates[cache] = taken * objects * sizes[cache][1]
    grown = (rows[-1][1] - rows[0][1]) / (last - first)
    text = {
        "recorded": rows[-1][0],
        "kernel": os.uname().release,
        "period_s": period,
        "objects": {name: after[name] for name in after},
        "bytes_per_second": rates,
        "total_bytes_per_second": grown,
        "shares": {cache: rate / grown for cache, rate in rates.items()},
    }
    (out / "kernel.json").write_text(json.dumps(text, indent=2) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "lab")
    options.add_argument("--seconds", type=float, default=180.0)
    options.add_argument("--period", type=float, default=1.5)
    options.add_argument("--act", choices=ACTS, help=argparse.SUPPRESS)
    options.add_argument("--count", type=int, help=argparse.SUPPRESS)
    options = options.parse_args()
    if options.act:
        return act(options.act, options.count)
    if os.geteuid():
        sys.exit("kernel.py: only root may read /proc/slabinfo")
    options.out.mkdir(parents=True, exist_ok=True)
    record(options.out, options.seconds, options.period)


if __name__ == "__main__":
    main()
