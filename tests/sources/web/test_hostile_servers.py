"""Every hostile server ends in an article or a reason, within its time, and the good one beside them is read."""

import pytest

from tests.support import hostile_servers


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> hostile_servers.Told:
    return hostile_servers.told(tmp_path_factory.mktemp("servers") / "index")


def test_none_is_passed_over_in_silence(told: hostile_servers.Told) -> None:
    assert told["servers"] >= 70
    assert told["silent"] == []
    assert told["good"] == 1


def test_what_can_only_fail_gives_no_article(told: hostile_servers.Told) -> None:
    assert told["read"] == ["second-answer", "wrong-charset", "unknown-charset", "other-address", "robots-bomb"]


def test_reasons_are_for_a_person(told: hostile_servers.Told) -> None:
    for name, reason in told["reasons"].items():
        said = reason.partition(": ")[2]
        assert "\n" not in said, name
        assert 10 < len(said) < 300, (name, said)
        for word in ("httpx", "httpcore", "h11", "Error", "Exception", "Errno"):
            assert word not in said, (name, said)


def test_no_article_is_said_to_be_inside(told: hostile_servers.Told) -> None:
    assert told["addresses"]
    assert not [place for place in told["addresses"] if "127.0.0.1" not in place]


def test_no_password_is_told(told: hostile_servers.Told) -> None:
    assert "secret" not in str(told)
