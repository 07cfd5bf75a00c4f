# SPDX-License-Identifier: GPL-3.0-or-later
"""Measuring for the benchmarks: wall time, CPU time, peak memory and processes of a command."""
import os
import resource
import subprocess
import sys
import threading
import time


def forks():
    with open("/proc/stat", encoding="ascii") as f:
        for line in f:
            if line.startswith("processes "):
                return int(line.split()[1])
    return 0


def tree_memory(pid):
    """Proportional set size in KiB of a process and its children, so shared pages count once."""
    total = 0
    try:
        with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as f:
            for line in f:
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        for thread in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, thread), encoding="ascii") as f:
                total += sum(tree_memory(int(c)) for c in f.read().split())
    except (OSError, ValueError):
        pass
    return total


class Run:
    """One run of a command; output is kept, memory is sampled every so many seconds."""

    def __init__(self, argv, cwd=None, env=None, every=0.001):
        self.peak_kib = 0
        self.every = every
        before, children = forks(), resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   cwd=cwd, env=env)
        done = threading.Event()
        sampler = threading.Thread(target=self.sample, args=(process.pid, done))
        sampler.start()
        self.output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - start
        done.set()
        sampler.join()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.code = process.returncode
        self.cpu = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
        # What the kernel saw of the biggest process; the samples see the whole tree.
        self.peak_kib = max(self.peak_kib, usage.ru_maxrss)
        self.processes = forks() - before

    def sample(self, pid, done):
        while not done.wait(self.every):
            self.peak_kib = max(self.peak_kib, tree_memory(pid))


def best(argv, times=5, **kwargs):
    """The fastest of several runs: the machines are noisy, and noise only adds."""
    return min((Run(argv, **kwargs) for _ in range(times)), key=lambda r: r.seconds)


def table(rows):
    """Prints rows of texts with aligned columns."""
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).ljust(w) for cell, w in zip(row, widths)).rstrip())
    sys.stdout.flush()
