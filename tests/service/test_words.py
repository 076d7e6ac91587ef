"""Word filter, tokens and limits, without a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel.service.json_text import read_json
from zimg_kernel.service.options import service_folder
from zimg_kernel.service.refusal import Refused
from zimg_kernel.service.tokens import Tokens
from zimg_kernel.service.word_filter import WordFilter


@pytest.fixture(scope="module")
def words() -> WordFilter:
    return WordFilter()


@pytest.mark.parametrize(
    "text",
    ["porn", "a PORN film", "p\u200born", "ｐｏｒｎ", "child\n porn", "一张色情图片", "色情",
     "强奸的场面", "強姦的場面", "一張裸體兒童的照片", "nude  children", "(porn)", "色\u200b情"],
)  # fmt: skip
def test_words_of_the_list_are_found(words: WordFilter, text: str) -> None:
    assert words.find(text) is not None


@pytest.mark.parametrize(
    "text",
    ["grape harvest", "Scunthorpe", "therapist", "popcorn", "a cumulus cloud", "异性交往的朋友",
     "一只乱叫的狗", "射精彩的照片", "the Essex coast", "document", "parapet", "a red circle", ""],
)  # fmt: skip
def test_parts_of_longer_words_are_not(words: WordFilter, text: str) -> None:
    assert words.find(text) is None


def test_own_words_are_added_and_taken_away(tmp_path: Path) -> None:
    own = tmp_path / "words.txt"
    own.write_text("# ours\nHeimlich\n竞争对手\n-porn\n", encoding="utf-8")
    words = WordFilter(own)
    assert words.find("heimlich") == "heimlich"
    assert words.find("一个竞争对手的商标") == "竞争对手"
    assert words.find("porn") is None


def test_a_token_is_shown_once_and_kept_as_a_digest(own_home: Path) -> None:
    tokens = Tokens(service_folder())
    assert not tokens
    secret = tokens.add("小红", rate=3)
    assert tokens.find(secret).name == "小红"  # type: ignore[union-attr]
    assert tokens.find(secret[:-1]) is None
    assert tokens.find("\ud800") is None
    file = service_folder() / "tokens.json"
    assert secret not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    with refused("name-taken", "name"):
        tokens.add("小红")
    with refused("invalid-name", "name"):
        tokens.add("a\nb")
    Tokens(service_folder()).remove("小红")  # as another process
    assert tokens.find(secret) is None
    with refused("unknown-token", "name"):
        tokens.remove("小红")
    file.write_text('{"tokens": [{"id": 3}]}', encoding="utf-8")
    with refused("invalid-tokens"):
        tokens.find(secret)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b'{"a": NaN}', b'{"a": 1e999}', b'{"a": 1, "a": 2}', b'{"a": "\\ud800"}',
     b'{"\\udc00": 1}', b'{"a": ' + b"9" * 5000 + b"}", b"[" * 100_000, b'{"a": -Infinity}',
     b"[" * 70 + b"]" * 70],
)  # fmt: skip
def test_odd_json_is_refused(body: bytes) -> None:
    with refused("invalid-json", "body", kind=Refused):
        read_json(body)


def test_plain_json_is_read() -> None:
    assert read_json('\ufeff{"a": "猫\\ud83d\\ude00", "b": 1.5}'.encode()) == {
        "a": "猫😀",
        "b": 1.5,
    }
