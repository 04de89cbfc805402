"""Addresses for programs and drivers beside Django's."""

from guanxi.platform.database.address import libpq_uri

SOCKET = {"HOST": "/data/my crm/socket", "PORT": "", "NAME": "guanxi", "USER": "guanxi", "PASSWORD": ""}
SERVER = {"HOST": "db.example.org", "PORT": "5433", "NAME": "crm", "USER": "a@b", "PASSWORD": "p:w/d"}


def test_socket_folder_travels_as_a_parameter() -> None:
    options = {"pool": {"min_size": 1}, "application_name": "guanxi"}
    expected = "postgresql://guanxi@/guanxi?application_name=guanxi&host=%2Fdata%2Fmy%20crm%2Fsocket"
    assert libpq_uri({**SOCKET, "OPTIONS": options}) == expected


def test_password_is_quoted_or_left_out() -> None:
    assert libpq_uri(SERVER) == "postgresql://a%40b:p%3Aw%2Fd@/crm?host=db.example.org&port=5433"
    assert libpq_uri(SERVER, has_password=False) == "postgresql://a%40b@/crm?host=db.example.org&port=5433"
