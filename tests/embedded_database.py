"""The pytest plugin that gives a test run a data folder and a throwaway database server of its own.

It is named in `pyproject.toml` (`-p tests.embedded_database`), since the environment must be set before
pytest-django reads the settings. The server starts with the first test that asks for the database.
"""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from guanxi.platform.database.layout import DATABASE_NAME, ROLE_NAME, Layout
from guanxi.platform.database.lease import ServerOptions, running_server

_SERVER = ServerOptions(memory_mb=2048, is_durable=False)
_DATA_FOLDER = pytest.StashKey[Path]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Set the environment: a data folder that others may pass, and nothing of the developer's own."""
    folder = Path(tempfile.mkdtemp(prefix="guanxi-test-"))
    folder.chmod(0o711)
    early_config.stash[_DATA_FOLDER] = folder
    for name in [name for name in os.environ if name.startswith("GUANXI_") and not name.endswith("DATABASE_URL")]:
        del os.environ[name]
    os.environ["GUANXI_DATA"] = str(folder)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        result = yield
        stack.pop_all()
    return result


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the data folder."""
    shutil.rmtree(config.stash[_DATA_FOLDER], ignore_errors=True)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """Yield an empty data folder which, unlike `tmp_path`, the server's own system user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="guanxi-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> Iterator[Layout]:
    """Run the throwaway server; a server named by GUANXI_DATABASE_URL is used as it is."""
    layout = Layout(request.config.stash[_DATA_FOLDER])
    if os.environ.get("GUANXI_DATABASE_URL") or os.environ.get("DATABASE_URL"):
        yield layout
        return
    with running_server(layout, options=_SERVER):
        yield layout


@pytest.fixture
def database_url(database_server: Layout) -> str:
    """Return the address of the test database, for the environment of processes that a test starts."""
    return f"postgresql://{ROLE_NAME}@/test_{DATABASE_NAME}?host={database_server.socket_folder}"
