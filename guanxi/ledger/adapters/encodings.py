"""Text files in whatever encoding, as a stream of UTF-8."""

import codecs
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import charset_normalizer

from guanxi.kernel.errors import RuleViolation

BLOCK_BYTES = 4 * 1024 * 1024
SAMPLE_BYTES = 256 * 1024
NULL_SHARE = 0.1
MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LIKELY = ["gb18030", "big5", "shift_jis", "euc_kr", "cp1252"]


class Utf8Stream(io.RawIOBase):
    """A readable binary stream of UTF-8 made from a file in another encoding, block by block.

    Bytes that do not decode become U+FFFD, by which the row is found and refused. `on_read(bytes)` is told
    the number of bytes of the file that have been read.
    """

    def __init__(self, path: Path, *, encoding: str, on_read: Callable[[int], None]) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._on_read = on_read
        self._rest = b""
        self._is_finished = False

    def readable(self) -> bool:
        """Always true."""
        return True

    def close(self) -> None:
        """Close the file too."""
        self._file.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stubs' protocol for buffers is private
        """Fill a buffer with the next bytes; 0 at the end."""
        while not self._rest and not self._is_finished:
            block = self._file.read(BLOCK_BYTES)
            self._on_read(self._file.tell())
            self._is_finished = not block
            self._rest = self._decoder.decode(block, final=not block).encode()
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def detect_encoding(path: Path) -> str:
    """The encoding of a text file: by its mark, else UTF-8 when all of it is, else what its first strange
    part looks like.

    Raises: RuleViolation("file.unreadable") when the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE_BYTES)
    except OSError as error:
        raise RuleViolation("file.unreadable", "%(file)s cannot be read.", file=path.name) from error
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    wide = _wide_encoding(head)
    if wide:
        return wide
    strange = next(_strange_parts(path), b"")
    return _guess(strange) if strange else "utf-8"


def _wide_encoding(head: bytes) -> str:
    """UTF-16 without a mark shows itself by null bytes at every other place; "" for anything else."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < NULL_SHARE * len(head) / 2 or min(even, odd) * 10 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _strange_parts(path: Path) -> Iterator[bytes]:
    """The lines around bytes that are not UTF-8, without those that are plain ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                around = block[max(error.start - SAMPLE_BYTES, 0) : error.start + SAMPLE_BYTES]
                yield b"\n".join(line for line in around.split(b"\n")[:-1] or [around] if not line.isascii())
                decoder.reset()


def _guess(sample: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8: UTF-8 all the same where only a few are damaged."""
    text = sample.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    sound = sum(1 for character in text if character > "\x7f") - damaged
    if sound > 3 * damaged:
        return "utf-8"
    best = charset_normalizer.from_bytes(sample, cp_isolation=LIKELY).best()
    return best.encoding if best is not None and best.encoding in LIKELY else "gb18030"
