"""What the files room does in the background."""

from guanxi.platform.files.storage import remove_unknown_files
from guanxi.platform.jobs.queue import periodic


@periodic("files.remove_unknown", cron="20 3 * * *")
def remove_unknown(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Remove content that no row of the database knows, once a day."""
    remove_unknown_files()
