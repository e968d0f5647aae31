"""Where settings come from, and what is said of a wrong one."""

import pytest

from pagemill.errors import SettingsError
from workers.settings import Settings, load_settings


@pytest.fixture
def write(tmp_path):
    """`write(text)`: a settings file's path."""

    def write(text):
        path = tmp_path / "pagemill.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_without_anything_the_defaults_hold(tmp_path, monkeypatch):
    """No file, no environment: every setting has a default that works."""
    monkeypatch.chdir(tmp_path)
    assert load_settings({}) == Settings()


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(write):
    """Each source is over the last, setting by setting; what the command line leaves out is left alone."""
    path = write('workers = 3\nbatch_pages = 3\nqueues = ["urgent", "default"]\nlease_seconds = 3.5')
    environ = {"PAGEMILL_WORKERS": "4", "PAGEMILL_BATCH_PAGES": "4", "HOME": "/"}
    loaded = load_settings(environ, path, workers=5, batch_pages=None)
    assert (loaded.workers, loaded.batch_pages, loaded.lease_seconds) == (5, 4, 3.5)
    assert loaded.queues == ("urgent", "default")


def test_the_file_lies_in_the_working_directory_or_where_the_environment_says(tmp_path, monkeypatch):
    """pagemill.toml here is found by itself; PAGEMILL_CONFIG names another."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pagemill.toml").write_text("workers = 3")
    (tmp_path / "other.toml").write_text("workers = 4")
    assert load_settings({}).workers == 3
    assert load_settings({"PAGEMILL_CONFIG": str(tmp_path / "other.toml")}).workers == 4


def test_lists_are_separated_by_commas_in_the_environment():
    """Blanks around a name and empty names do not matter."""
    loaded = load_settings({"PAGEMILL_QUEUES": " urgent, default,,", "PAGEMILL_LANGUAGES": "de,fr"})
    assert (loaded.queues, loaded.languages) == (("urgent", "default"), ("de", "fr"))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("WORKERS", "two", "workers: 'two': Expected `int`"),
        ("WORKERS", "0", "workers: '0': Expected `int` >= 1"),
        ("BATCH_PAGES", "1025", "batch_pages: '1025': Expected `int` <= 1024"),
        ("SETTLED_LIMIT", "9223372036854775807", "settled_limit: '9223372036854775807': Expected `int` <= "),
        ("LEASE_SECONDS", "0.5", "lease_seconds: '0.5': Expected `float` >= 1"),
        ("LEASE_SECONDS", "nan", "lease_seconds: 'nan': Expected `float` >= 1"),
        ("DEAD_DAYS", "inf", "dead_days: 'inf': Expected `float` <= 100000"),
        ("PAGE_SECONDS", "inf", "page_seconds: 'inf': Expected `float` <= 1000000"),
        ("MEMORY_SHARE", "1.5", "memory_share: '1.5': Expected `float` <= 1"),
        ("COMPRESS", "perhaps", "compress: 'perhaps': Expected `bool`"),
        ("RECORDS_AT_LIMIT", "explode", "records_at_limit: 'explode': Invalid enum value 'explode'"),
        ("QUEUES", "", "queues: (): name at least one"),
        ("QUEUES", "a b", "queue: 'a b': must be 1 to 64 letters"),
        ("PREFIX", "a b", "prefix: 'a b': must be 1 to 64 printable"),
    ],
)
def test_a_wrong_value_is_named_with_what_it_should_be(name, value, told):
    """The error tells the setting, the value and the remedy in one line."""
    with pytest.raises(SettingsError) as caught:
        load_settings({f"PAGEMILL_{name}": value})
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)


def test_an_unknown_setting_in_the_environment_is_told_as_it_is_spelt_there():
    """A slip of the pen is an error that names the nearest known setting."""
    with pytest.raises(SettingsError, match=r"PAGEMILL_BATCH_PAGE: no such setting .* nearest is PAGEMILL_BATCH_PAGES"):
        load_settings({"PAGEMILL_BATCH_PAGE": "3"})


def test_an_unknown_setting_in_the_file_names_the_file(write):
    """So does one in the file, which it names."""
    path = write("batchpages = 3")
    with pytest.raises(SettingsError, match=r"batchpages: no such setting \(in .*pagemill.toml\); .* batch_pages$"):
        load_settings({}, path)


def test_a_password_is_never_shown(write):
    """An error about the URL does not quote it."""
    path = write('redis_url = ["redis://user:secret@host"]')
    with pytest.raises(SettingsError, match=r"^redis_url: Expected `str`") as caught:
        load_settings({}, path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["workers = ", "workers = 3\x00", "[[["])
def test_a_file_that_is_no_toml_is_named(write, text):
    """A broken file is told by its name, with the place where TOML ends."""
    path = write(text)
    with pytest.raises(SettingsError, match=r"pagemill.toml: cannot be read as TOML"):
        load_settings({}, path)


def test_a_file_that_was_asked_for_and_is_not_there_is_an_error(tmp_path):
    """Only pagemill.toml in the working directory may be absent."""
    with pytest.raises(SettingsError, match=r"absent.toml: there is no such file"):
        load_settings({}, tmp_path / "absent.toml")
    with pytest.raises(SettingsError, match=r"absent.toml: there is no such file"):
        load_settings({"PAGEMILL_CONFIG": str(tmp_path / "absent.toml")})


def test_a_file_that_is_not_utf8_is_an_error(tmp_path):
    """TOML is UTF-8."""
    path = tmp_path / "pagemill.toml"
    path.write_bytes(b'prefix = "\xff"')
    with pytest.raises(SettingsError, match="cannot be read as TOML"):
        load_settings({}, path)


def test_the_other_parts_get_their_own_settings():
    """Limits, options and keys are the settings' own."""
    loaded = load_settings({"PAGEMILL_MAX_BODY": "5", "PAGEMILL_MIN_WORDS": "7", "PAGEMILL_PREFIX": "{mill}"})
    assert (loaded.limits.max_body, loaded.options.min_words) == (5, 7)
    assert loaded.keys.pages("default") == "{mill}:pages:default"


@pytest.mark.parametrize("given", ["1:8", {"workers": "1:8"}])
def test_workers_may_be_two_numbers(given, tmp_path):
    """MIN:MAX, in the environment as on the command line, is a pool that grows and shrinks."""
    overrides = given if isinstance(given, dict) else {}
    environ = {} if overrides else {"PAGEMILL_WORKERS": given}
    settings = load_settings(environ, None, **overrides)
    assert (settings.workers, settings.max_workers) == (1, 8)


def test_one_number_of_workers_wins_over_two(tmp_path):
    """Who says `--workers 4` means a pool of four, whatever the environment says."""
    settings = load_settings({"PAGEMILL_WORKERS": "1:8"}, None, workers="4")
    assert (settings.workers, settings.max_workers) == (4, 0)


@pytest.mark.parametrize("given", ["8:1", "1:", ":3", "a:b", "1:2:3", "0:2", "-1", "1.5"])
def test_workers_that_are_no_such_numbers_are_an_error(given):
    """It names the setting."""
    with pytest.raises(SettingsError, match="workers"):
        load_settings({}, None, workers=given)


@pytest.mark.parametrize(("code", "remedy"), [("de-AT", "write de"), ("english", "write en"), ("xx", "two letters")])
def test_a_language_that_no_text_is_in_is_an_error(code, remedy):
    """Else every page would be rejected; the remedy is told."""
    with pytest.raises(SettingsError, match=remedy):
        load_settings({"PAGEMILL_LANGUAGES": f"fr,{code}"})
    assert load_settings({"PAGEMILL_LANGUAGES": "de,en"}).options.languages == ("de", "en")


def test_wishes_reach_the_pipeline():
    """Captions, footnotes, comments and Markdown are options of the same name; another word is an error."""
    options = load_settings({"PAGEMILL_COMMENTS": "drop", "PAGEMILL_MARKDOWN": "true"}).options
    assert (options.comments, options.captions, options.markdown) == ("drop", "auto", True)
    with pytest.raises(SettingsError, match="captions"):
        load_settings({"PAGEMILL_CAPTIONS": "never"})
