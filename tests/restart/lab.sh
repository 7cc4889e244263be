#!/usr/bin/env bash
# A machine for tests: this host's own systemd as process 1 of namespaces of its own, over a throw-away layer of this
# host's files. Root is needed; nothing of the host is written to. Only the units of one folder are loaded.
#
#   lab.sh boot UNITS STATE [SEEN…]   starts it; UNITS are its units, the SEEN folders are shared with it
#   lab.sh run STATE COMMAND…         runs a command inside
#   lab.sh end STATE                  kills everything in it
set -euo pipefail

# The machine's process 1, as the host counts.
init() { cat "$1/init"; }

enter() {
  local pid
  pid=$(init "$1")
  shift
  nsenter --all --target "$pid" --wd=/ -- "$@"
}

boot() {
  local units=$1 state=$2 hierarchy cgroup opener child tries
  shift 2
  hierarchy=$(findmnt --noheadings --types cgroup2 --output TARGET | head -n 1)
  cgroup=$hierarchy/hebe-lab-$$
  mkdir -p "$state/disk" "$cgroup"
  echo "$cgroup" >"$state/cgroup"
  # The namespace of cgroups begins where its first process is when it is made.
  setsid bash -c 'echo $$ >"$1/cgroup.procs"; shift; exec unshare --fork --kill-child --pid --mount --uts --ipc --net --cgroup --propagation private -- "$@"' \
    lab "$cgroup" "$0" inside "$units" "$state" "$@" </dev/null >"$state/log" 2>&1 &
  opener=$!
  echo "$opener" >"$state/opener"
  for ((tries = 0; tries < 1500; tries++)); do
    child=$(cat "/proc/$opener/task/$opener/children" 2>/dev/null || true)
    child=${child%% *}
    if [[ -n $child ]]; then
      echo "$child" >"$state/init"
      if enter "$state" busctl --no-pager status org.freedesktop.systemd1 >/dev/null 2>&1; then
        return 0
      fi
    fi
    [[ -d /proc/$opener ]] || break
    sleep 0.04
  done
  cat "$state/log" >&2
  return 1
}

inside() {
  local units=$1 state=$2 disk root folder name
  shift 2
  disk=$state/disk
  root=$disk/root
  mount -t tmpfs -o size=128m,mode=755 lab "$disk"
  mkdir "$disk/upper" "$disk/work" "$root"
  mount -t overlay -o "lowerdir=/,upperdir=$disk/upper,workdir=$disk/work" lab "$root"
  mount -t proc proc "$root/proc"
  # Process 1 sets limits of the kernel at its start, which would be the host's.
  mount --bind "$root/proc/sys" "$root/proc/sys"
  mount -o remount,bind,ro "$root/proc/sys"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  for folder in run tmp dev; do
    mount -t tmpfs -o mode=755 lab "$root/$folder"
  done
  for name in null zero full random urandom tty; do
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
  done
  mkdir "$root/dev/shm" "$root/dev/pts" "$root/lab"
  for folder in "$@"; do
    mkdir -p "$root$folder"
    mount --bind "$folder" "$root$folder"
  done
  mount --bind "$units" "$root/lab"
  ip link set lo up 2>/dev/null || true
  cd "$root"
  mkdir -p host
  pivot_root . host
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=hebe-lab SYSTEMD_UNIT_PATH=/lab bash -c \
    'umount --lazy /host && exec /lib/systemd/systemd --system --unit=lab.target --log-target=console --show-status=no'
}

end() {
  local state=$1 cgroup tries
  kill -KILL "$(init "$state")" 2>/dev/null || true
  cgroup=$(cat "$state/cgroup")
  for ((tries = 0; tries < 250; tries++)); do
    find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [[ -d $cgroup ]] || return 0
    sleep 0.04
  done
  echo "$cgroup is still there" >&2
}

verb=$1
shift
case $verb in
  boot | inside | end) "$verb" "$@" ;;
  run) enter "$@" ;;
  *)
    echo "lab.sh: expected boot, run or end" >&2
    exit 2
    ;;
esac
