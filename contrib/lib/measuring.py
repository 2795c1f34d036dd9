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


def prepare(top, image):
    """Builds bcvk and an image with everything that they need; returns the program and the image's name for it."""
    def script(name, *arguments):
        command = [os.path.join(top, "contrib", name), *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.strip().split("\n")[-1]

    subprocess.run([os.path.join(top, "contrib", "setup")], check=True)
    with open("/etc/os-release", encoding="utf-8") as file:
        release = file.read()
    if "ID=debian\n" in release and 'VERSION_ID="12"' in release:
        subprocess.run([os.path.join(top, "contrib", "host-tools")], check=True)
    directory = os.environ.get("BCVK_BUILD") or script("build")
    return os.path.join(directory, "bcvk"), "oci-archive:" + script("images/build", image)


def own_memory(process):
    """KiB that a process has for itself (proc(5): the proportional set size)."""
    with open(f"/proc/{process}/smaps_rollup", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


def processor_seconds(processes):
    """What they have used so far, all together."""
    ticks = 0
    for process in processes:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            ticks += sum(map(int, file.read().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


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
