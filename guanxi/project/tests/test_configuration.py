"""Settings: where they come from, and what a wrong one says."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from guanxi.kernel.errors import ConfigurationError
from guanxi.platform.encryption.keys import new_ring, ring_text
from guanxi.project.configuration import database_settings, load_configuration, unknown_variables


def test_defaults(tmp_path: Path) -> None:
    configuration = load_configuration({}, tmp_path)
    assert configuration.data_folder == tmp_path / "guanxi-data"
    assert (configuration.host, configuration.port) == ("127.0.0.1", 8000)
    assert (configuration.language, configuration.time_zone) == ("zh-hans", "Asia/Shanghai")
    assert configuration.is_database_embedded
    assert not configuration.debug
    assert configuration.origins["port"] == "default"


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "guanxi.toml").write_text('port = 8123\nlanguage = "en"\nallowed_hosts = ["a.example", "b.example"]\n')
    configuration = load_configuration({"GUANXI_PORT": "9000"}, tmp_path)
    assert (configuration.port, configuration.origins["port"]) == (9000, "GUANXI_PORT")
    assert (configuration.language, configuration.origins["language"]) == ("en", "guanxi.toml")
    assert configuration.allowed_hosts == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("GUANXI_PORT", "99999", "a whole number from 1 to 65535"),
        ("GUANXI_PORT", "eight", "a whole number from 1 to 65535"),
        ("GUANXI_LANGUAGE", "de", "zh-hans, en"),
        ("GUANXI_TIME_ZONE", "Middle/Earth", "a name of the time zone database, such as Asia/Shanghai"),
        ("GUANXI_TIME_ZONE", "../../etc/passwd", "a name of the time zone database, such as Asia/Shanghai"),
        ("GUANXI_DEBUG", "perhaps", "true or false"),
        ("GUANXI_ALLOWED_HOSTS", "http://crm.example", "host names separated by commas"),
        ("GUANXI_WEB_WORKERS", "0", "a whole number from 1 to 64"),
        ("GUANXI_SECRET_KEY", "short", "at least 32 characters"),
        ("DATABASE_URL", "mysql://localhost/crm", "postgresql://user:password@host:port/database"),
    ],
)
def test_wrong_value_says_what_is_allowed(tmp_path: Path, variable: str, value: str, allowed: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_configuration({variable: value}, tmp_path)
    assert allowed in str(error.value)
    assert variable in str(error.value)


def test_secrets_are_not_repeated_in_messages(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_configuration({"GUANXI_DATABASE_URL": "mysql://crm:geheim@localhost/crm"}, tmp_path)
    assert "geheim" not in str(error.value)


def test_unknown_key_of_the_file_names_the_closest(tmp_path: Path) -> None:
    (tmp_path / "guanxi.toml").write_text('langage = "en"\n')
    with pytest.raises(ConfigurationError, match="unknown setting langage; allowed is: language"):
        load_configuration({}, tmp_path)


def test_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "guanxi.toml").write_text("port = \n")
    with pytest.raises(ConfigurationError, match=r"guanxi\.toml cannot be read"):
        load_configuration({}, tmp_path)


def test_secret_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    configuration = load_configuration({"GUANXI_SECRET_KEY_FILE": str(tmp_path / "key")}, tmp_path)
    assert configuration.secret_key == "k" * 40
    with pytest.raises(ConfigurationError, match="GUANXI_SECRET_KEY_FILE names a file that cannot be read"):
        load_configuration({"GUANXI_SECRET_KEY_FILE": str(tmp_path / "none")}, tmp_path)


def test_secret_key_is_made_once_whoever_asks_first(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _number: load_configuration({}, tmp_path), range(32)))
    assert len({configuration.secret_key for configuration in found}) == 1
    assert len({configuration.encryption_keys for configuration in found}) == 1
    run_folder = tmp_path / "guanxi-data" / "run"
    for name in ("secret_key", "encryption_keys"):
        assert stat.S_IMODE((run_folder / name).stat().st_mode) == 0o600
    assert sorted(path.name for path in run_folder.iterdir()) == ["encryption_keys", "secret_key"]


def test_keys_of_numbers_come_from_a_setting_or_from_a_file_that_can_be_read(tmp_path: Path) -> None:
    text = ring_text(new_ring())
    (tmp_path / "keys").write_text(text)
    for given in ({"GUANXI_ENCRYPTION_KEYS_FILE": str(tmp_path / "keys")}, {"GUANXI_ENCRYPTION_KEYS": text}):
        configuration = load_configuration(given, tmp_path)
        assert (configuration.encryption_keys, configuration.encryption_keys_file) == (text, None)
    with pytest.raises(ConfigurationError, match="32 bytes in base64") as error:
        load_configuration({"GUANXI_ENCRYPTION_KEYS": "key secretive"}, tmp_path)
    assert "secretive" not in str(error.value)
    own = load_configuration({}, tmp_path).encryption_keys_file
    assert own is not None
    own.write_text("key")
    with pytest.raises(ConfigurationError, match="encryption_keys"):
        load_configuration({}, tmp_path)


def test_address_of_a_server_becomes_settings(tmp_path: Path) -> None:
    url = "postgresql://crm:p%40ss@db.example.org:5433/sales?sslmode=require"
    settings = database_settings(load_configuration({"DATABASE_URL": url}, tmp_path))
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example.org", "5433", "sales")
    assert (settings["USER"], settings["PASSWORD"]) == ("crm", "p@ss")
    assert settings["OPTIONS"]["sslmode"] == "require"


def test_embedded_server_is_reached_by_its_socket(data_folder: Path) -> None:
    settings = database_settings(load_configuration({"GUANXI_DATA": "crm"}, data_folder))
    assert (settings["HOST"], settings["PASSWORD"]) == (f"{data_folder}/crm/database/socket", "")


def test_unknown_variables_are_found() -> None:
    environ = {"GUANXI_PORTT": "1", "GUANXI_PORT": "1", "GUANXI_SECRET_KEY_FILE": "x", "HOME": "/"}
    assert unknown_variables(environ) == ("GUANXI_PORTT",)
