"""One thread for numerics. To be imported before NumPy, which asks only once.

Threads that wait for each other would count as work, and every peer is timed as if the machine were asked one thing.
"""

import os

for library in ("OMP", "OPENBLAS", "MKL", "NIXTLA"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
