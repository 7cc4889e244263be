"""The resources that can be consumed: how a unit is taken from the kernel and given back, and how use is read from outside.

What lives here knows the kernel. How fast a run consumes is in `consume.py`; the recorder in `record.py` calls only
`prepare`, `read` and `clean`, and never asks the consumer.
"""

import errno
import mmap
import os
import pwd
import resource
import subprocess
import tempfile

PAGE = os.sysconf("SC_PAGE_SIZE")


class Unavailable(Exception):
    """The resource cannot be had on this machine, or by this user."""


def limit_of(pid, name):
    """The soft limit called `name` in /proc/PID/limits."""
    with open(f"/proc/{pid}/limits") as limits:
        for line in limits:
            if line.startswith(name):
                return int(line[len(name):].split()[0])
    raise LookupError(name)


class Descriptors:
    """Open files of one process against RLIMIT_NOFILE."""

    name, unit, refusal = "file descriptors", "descriptors", errno.EMFILE
    columns = ("fds_used", "fds_limit")
    quantum = 1

    def __init__(self, limit):
        self.limit = limit

    def prepare(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if hard != resource.RLIM_INFINITY and hard < self.limit:
            raise Unavailable(f"the hard limit of open files is {hard}, {self.limit} are needed")

    def confine(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.limit, self.limit))

    def read(self, pid):
        return len(os.listdir(f"/proc/{pid}/fd")), limit_of(pid, "Max open files")

    def take(self, units):
        taken = []
        try:
            for _ in range(units):
                taken.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            self.free(taken)
            raise
        return taken

    def free(self, taken):
        for descriptor in taken:
            os.close(descriptor)

    def clean(self):
        pass


class Memory:
    """Address space of one process against RLIMIT_AS. Every page is written to, as a program that needs it would."""

    name, unit, refusal = "address space", "bytes", errno.ENOMEM
    columns = ("vm_used_bytes", "vm_limit_bytes")
    quantum = PAGE

    def __init__(self, limit):
        self.limit = limit

    def prepare(self):
        pass

    def confine(self):
        resource.setrlimit(resource.RLIMIT_AS, (self.limit, self.limit))

    def read(self, pid):
        with open(f"/proc/{pid}/statm") as statm:
            return int(statm.read().split()[0]) * PAGE, limit_of(pid, "Max address space")

    def take(self, units):
        area = mmap.mmap(-1, units * PAGE)
        for page in range(units):
            area[page * PAGE] = 1
        return area

    def free(self, taken):
        taken.close()

    def clean(self):
        pass


class Processes:
    """Processes of one user against RLIMIT_NPROC: children that have ended and were never waited for."""

    name, unit, refusal = "processes of a user", "processes", errno.EAGAIN
    columns = ("processes_used", "processes_limit")
    quantum = 1

    def __init__(self, limit):
        self.limit = limit

    def prepare(self):
        if os.geteuid() != 0:
            raise Unavailable("RLIMIT_NPROC is counted for a user: root is needed to become an unused one")
        self.uid = next(uid for uid in range(61_000, 65_000) if self._is_unused(uid))

    def _is_unused(self, uid):
        try:
            pwd.getpwuid(uid)
        except KeyError:
            return self._count(uid) == 0
        return False

    @staticmethod
    def _count(uid):
        count = 0
        with os.scandir("/proc") as entries:
            for entry in entries:
                try:
                    # The directory belongs to the effective user, of a zombie too.
                    count += entry.name.isdigit() and os.stat(entry.path).st_uid == uid
                except FileNotFoundError:
                    pass
        return count

    def confine(self):
        resource.setrlimit(resource.RLIMIT_NPROC, (self.limit, self.limit))
        os.setgroups([])
        os.setresgid(self.uid, self.uid, self.uid)
        os.setresuid(self.uid, self.uid, self.uid)

    def read(self, pid):
        return self._count(self.uid), limit_of(pid, "Max processes")

    def take(self, units):
        taken = []
        try:
            for _ in range(units):
                child = os.fork()
                if child == 0:
                    os._exit(0)
                taken.append(child)
        except OSError:
            self.free(taken)
            raise
        return taken

    def free(self, taken):
        for child in taken:
            os.waitpid(child, 0)

    def clean(self):
        pass


class Tmpfs:
    """A small file system of our own in memory, mounted for the run."""

    def __init__(self, limit):
        self.limit = limit
        self.root = None
        self.files = 0

    def prepare(self):
        if os.geteuid() != 0:
            raise Unavailable("root is needed to mount a tmpfs")
        self.root = tempfile.mkdtemp(prefix="hebe-record-")
        mount = ["mount", "-t", "tmpfs", "-o", self.options(), "hebe-record", self.root]
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            os.rmdir(self.root)
            self.root = None
            raise Unavailable(mounted.stderr.strip())

    def confine(self):
        os.chdir("/")

    def new_file(self):
        self.files += 1
        path = f"{self.root}/{self.files}"
        return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)

    def clean(self):
        if self.root:
            subprocess.run(["umount", self.root], check=True)
            os.rmdir(self.root)


class Bytes(Tmpfs):
    """Bytes of a file system."""

    name, unit, refusal = "file system, bytes", "bytes", errno.ENOSPC
    columns = ("fs_used_bytes", "fs_size_bytes")
    quantum = PAGE

    def options(self):
        return f"size={self.limit},nr_inodes=0,mode=700"

    def read(self, _pid):
        fs = os.statvfs(self.root)
        return (fs.f_blocks - fs.f_bfree) * fs.f_frsize, fs.f_blocks * fs.f_frsize

    def take(self, units):
        path, file = self.new_file()
        try:
            left = memoryview(bytes(units * PAGE))
            while left:
                left = left[os.write(file, left):]
        except OSError:
            os.unlink(path)
            raise
        finally:
            os.close(file)
        return path

    def free(self, taken):
        os.unlink(taken)


class Inodes(Tmpfs):
    """Inodes of a file system: empty files."""

    name, unit, refusal = "file system, inodes", "inodes", errno.ENOSPC
    columns = ("inodes_used", "inodes_limit")
    quantum = 1

    def options(self):
        return f"size=64m,nr_inodes={self.limit},mode=700"

    def read(self, _pid):
        fs = os.statvfs(self.root)
        return fs.f_files - fs.f_ffree, fs.f_files

    def take(self, units):
        taken = []
        try:
            for _ in range(units):
                path, file = self.new_file()
                os.close(file)
                taken.append(path)
        except OSError:
            self.free(taken)
            raise
        return taken

    def free(self, taken):
        for path in taken:
            os.unlink(path)
