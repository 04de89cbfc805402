"""Pure rules: what a file's name says about showing it, how its size is written."""

IMAGES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
PDF = "application/pdf"
TEXTS = frozenset({"txt", "csv", "md", "log"})


def ending_of(name: str) -> str:
    """The ending of a file name in small letters, "" without one."""
    return name.rpartition(".")[2].lower() if "." in name.strip(".") else ""


def inline_type(name: str) -> str:
    """The media type under which a file may be shown in the browser; "" for one that is only handed out."""
    ending = ending_of(name)
    return PDF if ending == "pdf" else IMAGES.get(ending, "")


def size_words(size: int) -> str:
    """A size in bytes as people write it: 640 B, 12 kB, 3.4 MB."""
    if size < 1_000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1_000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"
