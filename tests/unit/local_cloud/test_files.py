import subprocess
import sys

from local.files import most_clients
from local.manifest import ROOT


def test_a_shell_that_allows_few_files_does_not_bound_the_cloud_and_what_it_starts() -> None:
    program = """
import resource, subprocess, sys
from local.files import raise_limit
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 500))
inner = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
print(raise_limit(), subprocess.run([sys.executable, "-c", inner], capture_output=True, text=True, check=True).stdout)
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.split() == ["500", "500"]


def test_there_is_room_for_the_stores_beside_all_clients() -> None:
    for limit in (1024, 20_000):
        assert 2 * most_clients(limit) + 200 < limit
    assert most_clients(256) > 0
