#!/usr/bin/env python3
"""Records what atop and pidstat write of a small host of known processes: two that leak, one that does not.

Needs root (a namespace of its own keeps every other process of the machine out of the recordings), atop and sysstat.

    datasets/record_processes.py tests/fixtures/processes
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

SECONDS = 45
# Name of the program and KiB a second that it keeps. Blanks and parentheses are what names may hold.
PROGRAMS = {"leak-fast": 2048, "leak (slow) S": 256, "steady": 0}

CONSUMER = """#!{python}
import sys, time
kept = [bytearray(b"x" * (8 << 20))]
opened = []
begin = time.monotonic()
for second in range({seconds} + 20):
    kept.append(bytearray(b"x" * ({rate} << 10)))
    if {rate} > 1000:
        opened.append(open("/dev/null"))
    time.sleep(max(0.0, begin + second + 1 - time.monotonic()))
"""

RECORDERS = {
    "atop-P.txt": ["atop", "-P", "MEM,SWP,PRG,PRM", "1", str(SECONDS)],
    "atop-J.txt": ["atop", "-J", "MEM,SWP,PRG,PRM", "1", str(SECONDS)],
    "pidstat-all.txt": ["pidstat", "-u", "-r", "-v", "-h", "-p", "ALL", "1", str(SECONDS)],
    "pidstat.txt": ["pidstat", "-u", "-r", "-d", "1", str(SECONDS)],
}


def inside(target: pathlib.Path) -> None:
    """Runs within the namespace: starts the consumers and the recorders, and waits for the recorders."""
    folder = pathlib.Path(tempfile.mkdtemp())
    subprocess.run(["hostname", "recorded"], check=True)
    consumers = []
    for name, rate in PROGRAMS.items():
        script = folder / name
        script.write_text(CONSUMER.format(python=os.path.realpath(sys.executable), seconds=SECONDS, rate=rate))
        script.chmod(0o755)
        consumers.append(subprocess.Popen([script]))
    time.sleep(3)
    environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C"}
    recorders = []
    for name, command in RECORDERS.items():
        with (target / name).open("w") as file:
            recorders.append(subprocess.Popen(command, stdout=file, env=environment))
    for recorder in recorders:
        recorder.wait()
    for consumer in consumers:
        consumer.kill()
        consumer.wait()
    for name in RECORDERS:
        tidy(target / name, {str(folder): "/srv", sys.argv[3]: "datasets", os.path.realpath(sys.executable): "python3"})
    shutil.rmtree(folder)


def tidy(path: pathlib.Path, names: dict) -> None:
    """Takes the folders of this machine out of the command lines."""
    text = path.read_text()
    for old, new in names.items():
        text = text.replace(old, new)
    # JSON cuts command lines, and with them the folders.
    text = re.sub(r'"cmdline": "[^"]*"', '"cmdline": "()"', text)
    path.write_text(text)


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(pathlib.Path(sys.argv[2]))
    else:
        target = pathlib.Path(sys.argv[1])
        target.mkdir(parents=True, exist_ok=True)
        again = [os.path.realpath(sys.executable), __file__, "--inside", str(target), str(pathlib.Path(__file__).parent)]
        subprocess.run(["unshare", "--fork", "--pid", "--uts", "--mount-proc", *again], check=True)
