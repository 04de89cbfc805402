"""Measures every figure and writes `bench/results.json`: `make bench`, or `python -m bench pages value …`."""

import json
import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
DATA = FOLDER.parent / "build" / "bench-data"
PARTS = ("pages", "value", "ingest")


def main() -> None:
    """Load the company of 100,000 accounts and 10,000,000 facts once, then run each part in a process of its own."""
    wanted = sys.argv[1:] or list(PARTS)
    environment = {**os.environ, "GUANXI_DATA": str(DATA)}
    guanxi = str(Path(sys.executable).with_name("guanxi"))
    if not (DATA / "loaded").exists():
        DATA.mkdir(parents=True, exist_ok=True)
        for command in (["migrate"], ["demo", "--accounts", "100000", "--facts", "10000000"]):
            subprocess.run([guanxi, *command], check=True, env=environment)
        (DATA / "loaded").touch()
    known = {row["name"]: row for row in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
    subprocess.run([guanxi, "database", "start"], check=True, env=environment)
    try:
        for part in wanted:
            command = [sys.executable, "-m", f"bench.{part}"]
            answer = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True)
            for line in answer.stdout.splitlines():
                row = json.loads(line)
                known[row["name"]] = row
                print(line, flush=True)
            RESULTS.write_text(json.dumps([known[name] for name in sorted(known)], indent=1, ensure_ascii=False) + "\n")
    finally:
        subprocess.run([guanxi, "database", "stop"], check=True, env=environment)


main()
