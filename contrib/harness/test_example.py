"""What tests with a machine look like: each may do to it what it likes."""
import subprocess

import pytest


def test_services_run(machine):
    assert machine.run("systemctl", "is-system-running", "--wait").stdout == "running\n"


def test_exit_codes_are_exact(machine, tmp_path):
    with pytest.raises(subprocess.CalledProcessError) as failure:
        machine.run("sh", "-c", "exit 42")
    assert failure.value.returncode == 42
    assert machine.run("sh", "-c", "kill -9 $$", check=False).returncode == 128 + 9
    (tmp_path / "file").write_bytes(bytes(range(256)) * 1000)
    machine.put(tmp_path / "file", "/var/tmp/file")
    machine.get("/var/tmp/file", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "file").read_bytes()
