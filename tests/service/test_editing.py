"""Commands change config.toml as a careful person would: the line that is meant, and nothing else."""

from __future__ import annotations

import stat

import pytest

from service.config import editing
from service.errors import ConfigError, NotFound, Refused
from tests.conftest import DATA

PLAIN = (DATA / "newsroom" / "config.toml").read_text(encoding="utf-8")
TABLE = {"slug": "new", "url": "https://new.example/feed", "name": 'The "New" ] #one'}
SCATTERED = (
    PLAIN
    + '\n[[sources]] # third\nslug = "third"  # its name\nname = "T"\nurl = "https://t.example/"\n'
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(PLAIN, encoding="utf-8")
    return path


@pytest.mark.parametrize("slug", ["lantern", "unclear", "third"])
def test_a_pause_is_one_line_that_resume_turns(slug):
    paused = editing.with_pause(SCATTERED, slug, True)
    before, after = SCATTERED.splitlines(), paused.splitlines()
    assert [it for it in after if it not in before] == ["paused = true"]
    at = after.index("paused = true")
    assert after[at - 1].startswith(f'slug = "{slug}"')
    assert editing.with_pause(paused, slug, True) == paused
    resumed = editing.with_pause(paused, slug, False)
    assert resumed.splitlines() == [*after[:at], "paused = false", *after[at + 1 :]]


def test_line_ends_and_comments_stay():
    text = SCATTERED.replace("\n", "\r\n").replace('"third"  #', '"third"  # paused = true')
    paused = editing.with_pause(text, "third", True)
    assert paused.replace("paused = true\r\n", "", 1).count("\r\n") == text.count("\r\n")
    assert "\n" not in editing.with_sources(text, [TABLE]).replace("\r\n", "")


def test_a_source_stands_at_the_end():
    text = editing.with_sources(SCATTERED, [TABLE])
    assert text.startswith(SCATTERED)
    assert text.removeprefix(SCATTERED) == (
        '\n[[sources]]\nslug = "new"\nurl = "https://new.example/feed"\nname = "The \\"New\\" ] #one"\n'
    )
    assert editing.with_sources(SCATTERED, []) == SCATTERED


def test_what_cannot_be_changed_so_is_told():
    listed = (
        'sources = [{ slug = "a", name = "A", url = "https://a.example/" }]\n[site]\ntitle = "x"\n'
    )
    with pytest.raises(Refused, match=r"write each as a table \[\[sources\]\]"):
        editing.with_sources(listed, [TABLE])
    with pytest.raises(Refused, match="write paused = true in the table of source 'a'"):
        editing.with_pause(listed, "a", True)
    with pytest.raises(NotFound, match="'nobody'"):
        editing.with_pause(listed, "nobody", True)


def test_a_file_is_replaced_whole_with_its_mode(file, tmp_path):
    file.chmod(0o640)
    link = file.with_name("link.toml")
    link.symlink_to(file)
    config = editing.edit(link, lambda text: editing.with_sources(text, [TABLE]))
    assert config.source("new").name == TABLE["name"]
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(it.name for it in tmp_path.iterdir()) == ["config.toml", "link.toml"]


def test_a_file_that_could_not_be_used_is_not_written(file):
    with pytest.raises(ConfigError, match="not a URL"):
        editing.edit(file, lambda text: editing.with_sources(text, [TABLE | {"url": "nowhere"}]))
    assert file.read_text(encoding="utf-8") == PLAIN


def test_what_others_wrote_meanwhile_stays(file):
    def change(text: str) -> str:
        file.write_text(f"{text}# mine\n", encoding="utf-8")
        return editing.with_sources(text, [TABLE])

    with pytest.raises(Refused, match="changed meanwhile"):
        editing.edit(file, change)
    assert file.read_text(encoding="utf-8") == f"{PLAIN}# mine\n"
    with pytest.raises(Refused, match="cannot be changed"):
        editing.edit(file.with_name("none.toml"), str)
