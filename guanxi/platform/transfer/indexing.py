"""What imported records are found by: written block by block behind the import, on a connection of its own.

Working out the words of a block and writing them takes about as long as writing its records, and needs nothing of the
next block. So a second thread does it while the next block is judged. `Import.indexed_to` is the last row whose record
is found; an import that goes on after a crash begins with the rows between that and `Import.written_to`.
"""

from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection, transaction

from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.prepared import Among
from guanxi.platform.objects.importing import Importing
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.transfer.blocks import REASON, Saved
from guanxi.platform.transfer.models import Import, ImportedRow

MOST_WAITING = 2
"""So many blocks may wait for their words before the import waits for them."""


class Follower:
    """Writes what the records of an import are found by, in the order of its blocks; made by `following`."""

    def __init__(self, file: Import, thread: ThreadPoolExecutor | None) -> None:
        self._import_id, self._spec, self._thread = file.pk, listed_object(file.object_key), thread
        self._waiting: deque[Future[None]] = deque()
        self._is_broken = False

    def follow(self, saved: Saved, *, to_row: int) -> None:
        """Take a block up that is committed; its last row is `to_row`. Raises what went wrong with earlier ones."""
        if self._thread is None:
            self._index(saved.touched, saved.parted, to_row)
            return
        while len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._index, saved.touched, saved.parted, to_row))

    def catch_up(self, file: Import) -> None:
        """Index the rows that were written by a run that died before their words were."""
        if file.indexed_to >= file.written_to:
            return
        rows = ImportedRow.objects.filter(file=file, number__gt=file.indexed_to, number__lte=file.written_to)
        own = rows.filter(object_key=file.object_key, record_id__isnull=False)
        ids = {record_id for record_id in own.values_list("record_id", flat=True) if record_id is not None}
        self.follow(Saved((), ids, ids), to_row=file.written_to)

    def finish(self) -> None:
        """Wait for all blocks. Raises what went wrong with the first of them."""
        while self._waiting:
            self._waiting.popleft().result()

    def _index(self, ids: Collection[int], parted: Collection[int], to_row: int) -> None:
        """Index a block; after one that went wrong nothing is, so that `indexed_to` never passes over it.

        The import's own row is written when the records are free again: the next block holds it and may want them.
        """
        if self._is_broken:
            return
        self._is_broken = True
        with transaction.atomic():
            _hold(self._spec, ids)
            index_saved(self._spec, ids, parted)
        Import.objects.filter(pk=self._import_id, indexed_to__lt=to_row).update(indexed_to=to_row)
        self._is_broken = False


@contextmanager
def following(file: Import, *, block: int) -> Iterator[Follower]:
    """Lets the index follow the blocks that are written inside; behind it all of them are found.

    An import of one block, and one within a transaction that another connection could not see, is indexed at once.
    """
    if connection.in_atomic_block or 0 < file.rows <= block:
        yield Follower(file, None)
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="index") as thread:
        follower = Follower(file, thread)
        try:
            yield follower
            follower.finish()
        finally:
            thread.submit(_close).result()


def _close() -> None:
    """Give the connection of this thread back."""
    connection.close()


def index_saved(spec: ObjectSpec, ids: Collection[int], parted: Collection[int]) -> None:
    """Write what records are found by, and their parts where rows told of some."""
    importing = spec.importing or Importing()
    if parted:
        importing.index_parts(sorted(parted))
    if spec.index is not None and ids:
        spec.index(sorted(ids))


def _hold(spec: ObjectSpec, ids: Collection[int]) -> None:
    """Keep others from changing the records until their words are written, so that older words never replace newer."""
    rows = unscoped(spec.model, reason=REASON).filter(Among("pk", sorted(ids))).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
