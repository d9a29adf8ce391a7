import re
from pathlib import Path

import pytest

from app.settings import PROJECT, Settings, SettingsError, load_settings, settings_table


def test_the_defaults_are_those_of_the_table(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DIGITS_{name.upper()}", raising=False)
    settings = load_settings()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.weights == PROJECT / "weights" / "digits.npz"
    assert settings.api_key is None
    assert settings.cors_origins == ()


def test_values_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("DIGITS_PORT", "9000")
    monkeypatch.setenv("DIGITS_CORS_ORIGINS", "https://a.example, https://b.example")
    monkeypatch.setenv("DIGITS_FORWARDED_ALLOW_IPS", "10.0.0.0/8,::1")
    monkeypatch.setenv("DIGITS_API_KEY", "secret-key-of-ours==")
    settings = load_settings()
    assert settings.port == 9000
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.forwarded_allow_ips == ("10.0.0.0/8", "::1")
    assert settings.api_key.get_secret_value() == "secret-key-of-ours=="
    assert "secret" not in repr(settings)


def test_the_table_of_settings():
    shown = (PROJECT / "docs" / "operate.md").read_text().partition("<!-- settings -->\n")[2]
    table = shown.partition("\n<!-- /settings -->")[0]
    assert table == settings_table(), "run `python -m app --settings-table`"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http://10.0.0.1:8000", "DIGITS_PORT: "),
        ("PORT", "1e3", "DIGITS_PORT: "),
        ("HOST", " , ", "DIGITS_HOST: an address is wanted"),
        ("ROOT_PATH", "digits", "DIGITS_ROOT_PATH: a path is like /digits"),
        ("ROOT_PATH", "//elsewhere.example", "DIGITS_ROOT_PATH: a path is like /digits"),
        ("ROOT_PATH", "/a b", "DIGITS_ROOT_PATH: a path is like /digits"),
        ("FRAME_ORIGINS", "https://a.example/page", "DIGITS_FRAME_ORIGINS: an origin is like"),
        (
            "FRAME_ORIGINS",
            "https://a.example;script-src *",
            "DIGITS_FRAME_ORIGINS: an origin is like",
        ),
        ("BODY_BYTES", "-1", "DIGITS_BODY_BYTES: "),
        ("BODY_SECONDS", "0", "DIGITS_BODY_SECONDS: "),
        ("WORKERS", "many", "DIGITS_WORKERS: "),
        ("LOG_LEVEL", "loud", "DIGITS_LOG_LEVEL: "),
        ("DIGIT_ABOVE", "0.1", "DIGITS_NOT_A_DIGIT_BELOW must not be above DIGITS_DIGIT_ABOVE"),
        ("ANSWER_SECONDS", "nan", "DIGITS_ANSWER_SECONDS: "),
        ("ANSWER_SECONDS", "inf", "DIGITS_ANSWER_SECONDS: "),
        ("API_KEY", "", "DIGITS_API_KEY is empty"),
        ("API_KEY", " ", "DIGITS_API_KEY: a key has at least 8 letters"),
        ("API_KEY", "a", "DIGITS_API_KEY: a key has at least 8 letters"),
        ("API_KEY", "long-enough\n", "DIGITS_API_KEY: a key has at least 8 letters"),
        ("API_KEY", "two words or more", "DIGITS_API_KEY: a key has at least 8 letters"),
        ("API_KEY", "schlüssel-der-nicht-ankommt", "DIGITS_API_KEY: a key has at least 8 letters"),
        ("API_KEY_FOR", "some", "DIGITS_API_KEY_FOR: "),
        ("API_KEY_FOR", "all", "DIGITS_API_KEY_FOR is all, but there is no DIGITS_API_KEY"),
        ("ADDRESS_CONNECTIONS", "0", "DIGITS_ADDRESS_CONNECTIONS: "),
        ("CORS_ORIGINS", "a.example", "DIGITS_CORS_ORIGINS: an origin is like"),
        ("CORS_ORIGINS", "https://a.example/", "DIGITS_CORS_ORIGINS: an origin is like"),
        ("FORWARDED_ALLOW_IPS", "127.0.0.1, proxy", "DIGITS_FORWARDED_ALLOW_IPS: 'proxy' does not"),
        (
            "FORWARDED_ALLOW_IPS",
            "10.0.0.1/8",
            "DIGITS_FORWARDED_ALLOW_IPS: 10.0.0.1/8 has host bits",
        ),
    ],
)
def test_a_wrong_value_is_one_sentence(monkeypatch, name, value, said):
    monkeypatch.setenv(f"DIGITS_{name}", value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(error.value).startswith(said)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("DIGITS_WORKER", "did you mean DIGITS_WORKERS?"),
        ("DIGITS_SHINE", "docs/operate.md lists them."),
    ],
)
def test_an_unknown_setting_is_refused(monkeypatch, name, hint):
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=re.escape(f"{name} is no setting; {hint}")):
        load_settings()


SERVICE_LINKS = {  # what kubelet tells every pod of a service called `digits`, and of `digits-api`
    "DIGITS_SERVICE_HOST": "10.96.7.7",
    "DIGITS_SERVICE_PORT": "80",
    "DIGITS_SERVICE_PORT_HTTP": "80",
    "DIGITS_PORT": "tcp://10.96.7.7:80",
    "DIGITS_PORT_80_TCP": "tcp://10.96.7.7:80",
    "DIGITS_PORT_80_TCP_PROTO": "tcp",
    "DIGITS_PORT_80_TCP_PORT": "80",
    "DIGITS_PORT_80_TCP_ADDR": "10.96.7.7",
    "DIGITS_API_SERVICE_HOST": "10.96.7.8",
    "DIGITS_API_SERVICE_PORT_HTTP_METRICS": "53",
    "DIGITS_API_PORT": "udp://10.96.7.8:53",
    "DIGITS_API_PORT_53_UDP_ADDR": "10.96.7.8",
}


def test_what_kubernetes_says_of_a_service_of_our_name_is_no_setting(monkeypatch):
    for name, value in SERVICE_LINKS.items():
        monkeypatch.setenv(name, value)
    assert load_settings() == Settings()
    monkeypatch.setenv("DIGITS_PORT", "9000")
    assert load_settings().port == 9000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIGITS_API_PORT", "80"),  # no address, so nothing that kubelet writes
        ("DIGITS_PORT_80", "tcp://10.96.7.7:80"),
        ("DIGITS_PORT_80_ICMP", "icmp://10.96.7.7:80"),
        ("DIGITS_SERVICE", "10.96.7.7"),
        ("DIGITS_SERVICEHOST", "10.96.7.7"),
        ("DIGITS_HOSTS", "tcp://10.96.7.7:80"),
    ],
)
def test_what_only_resembles_it_is_still_refused(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"{name} is no setting"):
        load_settings()


def test_a_setting_that_is_empty_has_its_default(monkeypatch):
    for name in Settings.model_fields.keys() - {"api_key"}:
        monkeypatch.setenv(f"DIGITS_{name.upper()}", "")
    monkeypatch.delenv("DIGITS_API_KEY", raising=False)
    assert load_settings() == Settings()


def test_names_of_settings_are_read_whatever_their_case(monkeypatch):
    monkeypatch.setenv("digits_Port", "9000")
    assert load_settings().port == 9000


def test_a_path_is_taken_with_and_without_its_final_slash(monkeypatch):
    for given, meant in (("/digits", "/digits"), ("/a/b/", "/a/b"), ("/", "")):
        monkeypatch.setenv("DIGITS_ROOT_PATH", given)
        assert load_settings().root_path == meant


def test_every_setting_has_a_reason():
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_no_setting_is_left_without_a_test_that_sets_it():
    others = [path for path in Path(__file__).parent.rglob("test_*.py") if path != Path(__file__)]
    text = "".join(path.read_text() for path in others)
    for name in Settings.model_fields:
        assert re.search(rf'\b{name}=|"{name}"|DIGITS_{name.upper()}\b', text), name
