"""A pytest fixture that gives each test a machine of its own and throws it away afterwards.

    pytest --image oci-archive:debian13.oci.tar contrib/harness

Environment: BCVK names the program where it is not in PATH.
"""
import dataclasses
import os
import subprocess
import uuid

import pytest

BCVK = os.environ.get("BCVK", "bcvk")


def pytest_addoption(parser):
    parser.addoption("--image", help="the image that machines boot")


@dataclasses.dataclass
class Machine:
    """A machine that has booted."""

    name: str

    def run(self, *words, check=True, **options):
        """Runs a program in it; an exit code other than 0 is an error unless `check` is False."""
        command = [BCVK, "ephemeral", "exec", self.name, "--", *words]
        return subprocess.run(command, check=check, text=True, capture_output=True, **options)

    def put(self, source, path):
        """Copies a file or directory into it."""
        subprocess.run([BCVK, "ephemeral", "cp", str(source), f"{self.name}:{path}"], check=True)

    def get(self, path, destination):
        """Copies a file or directory out of it."""
        subprocess.run([BCVK, "ephemeral", "cp", f"{self.name}:{path}", str(destination)], check=True)


@pytest.fixture
def machine(request, tmp_path):
    """A fresh machine, booted to its default target. Its console is part of the report of a test that fails."""
    image = request.config.getoption("--image")
    if image is None:
        pytest.fail("--image names no image")
    name = f"test-{uuid.uuid4().hex[:8]}"
    start = [BCVK, "ephemeral", "run", "-d", "--name", name, "--memory", "1G", "--wait", "boot",
             "--log-dir", f"console,journal={tmp_path}", image]
    try:
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL)
        yield Machine(name)
    finally:
        subprocess.run([BCVK, "ephemeral", "rm", "-f", name], check=False)
        with open(tmp_path / "console.txt", encoding="utf-8", errors="replace") as console:
            request.node.add_report_section("teardown", "console", console.read()[-4000:])
