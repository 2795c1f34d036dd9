"""What the benchmarks share: commands that are timed in turn, and rows that compare them pair by pair."""
import os
import statistics
import subprocess
import sys
import time


class Failed(Exception):
    """A command that was to be timed did not work."""


def run(command, environment=None):
    """Runs a command; returns its seconds and the peak memory in MiB of the largest of its processes."""
    variables = dict(os.environ, **(environment or {}))
    begin = time.monotonic()
    child = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    complaint = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise Failed(f"{command[0]}: {complaint.decode(errors='replace').strip()[-300:]}")
    return seconds, usage.ru_maxrss / 1024


def say(text):
    print(text, file=sys.stderr, flush=True)


def spread(values, unit, digits):
    return (f"min {min(values):{8}.{digits}f}  median {statistics.median(values):{8}.{digits}f}"
            f"  max {max(values):{8}.{digits}f} {unit}")


def show_times(name, seconds):
    """One row: milliseconds."""
    print(f"{name:58} {spread([1000 * value for value in seconds], 'ms', 0)}", flush=True)


def show_ratio(name, ones, others, goal=""):
    """One row: each of the first divided by that of the second which was measured beside it."""
    ratios = [one / other for one, other in zip(ones, others)]
    print(f"{name:58} {spread(ratios, '  ', 2)} {goal}".rstrip(), flush=True)
