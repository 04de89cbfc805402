"""The database of an installation, embedded or elsewhere, as commands use it."""

from collections.abc import Iterator
from contextlib import contextmanager

from guanxi.platform.database.layout import Layout
from guanxi.platform.database.lease import Report, ServerOptions, report_nothing, running_server
from guanxi.project.configuration import Configuration


def server_options(configuration: Configuration) -> ServerOptions:
    """Return how the embedded server of an installation is started."""
    return ServerOptions(memory_mb=configuration.postgres_memory_mb)


@contextmanager
def running_cluster(configuration: Configuration, *, report: Report = report_nothing) -> Iterator[None]:
    """Make sure that the database runs for a while; a server named by its URL is not ours to start.

    Raises:
        GuanxiError: the embedded server cannot be started; the sentence says why and what to do.
    """
    if not configuration.is_database_embedded:
        yield
        return
    with running_server(Layout(configuration.data_folder), options=server_options(configuration), report=report):
        yield
