"""The shape of one figure."""

import json
import os
import platform
import subprocess


def record(name: str, unit: str, *, rows: int, what: str, reference: float, **values: float) -> None:
    """Print one figure with its reference, the rows it was taken on, the machine and the commit."""
    figure = {
        "name": name,
        "unit": unit,
        **{key: round(value, 3) for key, value in values.items()},
        "reference": {"what": what, "value": round(reference, 3)},
        "rows": rows,
        "machine": f"{os.cpu_count()} cores, {_memory_gigabytes()} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}",
        "commit": _commit(),
    }
    print(json.dumps(figure, ensure_ascii=False), flush=True)


def _memory_gigabytes() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
