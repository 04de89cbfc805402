"""What a process begins with is left out of the search for garbage."""

import os
import subprocess
import sys
from pathlib import Path

TOLD = "import gc; print(gc.get_freeze_count() > 100_000, gc.get_threshold()[0])"


def test_commands_and_the_web_process_settle_before_they_work(tmp_path: Path) -> None:
    command = "from guanxi.project.cli import CONTRIBUTIONS, load_command; load_command(CONTRIBUTIONS[0])"
    web = "import guanxi.project.wsgi"
    environment = {**os.environ, "GUANXI_DATA": str(tmp_path)}
    for begun in (command, web):
        program = [sys.executable, "-c", f"{begun}\n{TOLD}"]
        answer = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
        assert answer.stdout.split() == ["True", "50000"], begun
