"""Work that a change of fields asks for."""

from guanxi.platform.customfields.adapters import build_index, build_tag_index
from guanxi.platform.customfields.commands import INDEX_JOB
from guanxi.platform.customfields.tag_commands import TAG_INDEX_JOB
from guanxi.platform.jobs.queue import task


@task(INDEX_JOB)
def build_field_index(field_id: int, table: str) -> None:
    """Build or drop the index of a field; doing it again changes nothing."""
    build_index(field_id, table=table)


@task(TAG_INDEX_JOB)
def build_index_of_tags(table: str) -> None:
    """Build the index of the tags of a table's records; doing it again changes nothing."""
    build_tag_index(table=table)
