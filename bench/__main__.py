"""Measures every figure and writes `bench/results.json`: `make bench`, or `python -m bench pages value …`."""

import json
import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
GUANXI = str(Path(sys.executable).with_name("guanxi"))
BUILD = FOLDER.parent / "build"
DATA = dict.fromkeys(
    ("objects", "duplicates"), BUILD / "bench-objects"
)  # a crowd of its own; the other parts share one company
PARTS = ("pages", "weight", "value", "ingest", "objects", "customers", "duplicates", "privacy", "linkage")


def main() -> None:
    """Run each part in a process of its own, on a company of 100,000 accounts that is made once."""
    wanted = sys.argv[1:] or list(PARTS)
    known = {row["name"]: row for row in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
    for part in wanted:
        environment = {**os.environ, "GUANXI_DATA": str(_company(DATA.get(part, BUILD / "bench-data")))}
        subprocess.run([GUANXI, "database", "start"], check=True, env=environment)
        try:
            command = [sys.executable, "-m", f"bench.{part}"]
            answer = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True)
        finally:
            subprocess.run([GUANXI, "database", "stop"], check=True, env=environment)
        for line in answer.stdout.splitlines():
            row = json.loads(line)
            known[row["name"]] = row
            print(line, flush=True)
        RESULTS.write_text(json.dumps([known[name] for name in sorted(known)], indent=1, ensure_ascii=False) + "\n")


def _company(folder: Path) -> Path:
    """The folder with the company in it, which is loaded the first time; its tables are those of this version."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "GUANXI_DATA": str(folder)}
    subprocess.run([GUANXI, "migrate"], check=True, env=environment)
    if not (folder / "loaded").exists():
        subprocess.run([GUANXI, "demo", "--accounts", "100000", "--facts", "10000000"], check=True, env=environment)
        (folder / "loaded").touch()
    return folder


main()
