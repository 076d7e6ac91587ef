"""Text that shall stand in the picture, and is not in quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.nano.text.vocabulary import lettering
from zimg_kernel.prompts.linter.finding import Edit
from zimg_kernel.prompts.linter.rule import Examples, Fault, Rule, Said, Setting
from zimg_kernel.prompts.linter.text import HIDDEN, Text

from . import lettering_words as words


def _find(text: Text, setting: Setting) -> Iterator[Fault]:
    # The miniature takes what stands after a sign's colon for lettering, as its captions do.
    severity = "hint" if setting.miniature and lettering(text.prompt) else "warning"
    seen: list[tuple[int, int]] = []
    for start, end, sure in [*_english(text), *_chinese(text)]:
        if any(start < b and end > a for a, b in seen):
            continue
        seen.append((start, end))
        word = text.prompt[start:end]
        marks = '""' if word.isascii() else "“”"
        edits = (Edit(start, start, marks[0]), Edit(end, end, marks[1])) if sure else ()
        yield Fault(start, end, "unquoted", {"word": word}, edits, severity)  # type: ignore[arg-type]
    for opening, closing in words.UNCLOSED.items():
        at = text.plain.rfind(opening)
        if at >= 0 and closing not in text.plain[at:]:
            yield Fault(at, at + 1, "unclosed", {"opening": opening, "closing": closing})


def _english(text: Text) -> Iterator[tuple[int, int, bool]]:
    plain = text.plain
    for pattern in (words.VERB, words.WITH, words.HEAD):
        for found in pattern.finditer(plain if pattern is not words.VERB else text.lower):
            at = found.end()
            rest = plain[at:]
            if not rest or rest[0] in words.OPENING + HIDDEN or not rest[0].isalnum():
                continue
            colon = pattern is words.HEAD or ":" in found[0] or "：" in found[0]
            near = words.STOP.split(rest)[0]
            if HIDDEN in near.split(" in ")[0][:24]:  # the text "…", a bold title "…"
                continue
            capital = words.CAPITAL_RUN.match(rest)
            generic = re.match(rf"{words.GENERIC}\b", rest, re.I)
            verb = found[0].strip().lower()
            sure = any(verb.removeprefix("it ").startswith(word) for word in words.SURE)
            if pattern is words.VERB and not sure and not capital:
                continue
            if pattern is words.WITH and not capital and not colon:
                continue
            if (
                generic
                and not colon
                and not (capital and len(capital[0]) > 3 and capital[0] != generic[0])
            ):
                continue
            if HIDDEN in near:
                continue
            if capital:
                end = at + capital.end()
                after = plain[end:].lstrip(" ")
                whole = not after or bool(
                    re.match(r"[,，.;\n]|(?:in|on|at|above|below|over|across)\b", after)
                )
                yield at, end, whole
            else:
                yield at, at + len(near.rstrip()), False
    for found in words.PLAIN_TITLE.finditer(plain):
        near = words.STOP.split(plain[found.end() :])[0].rstrip()
        generic = re.match(rf"{words.GENERIC}\b", near)
        if HIDDEN not in near and (not generic or re.match(r"(?:the|a|an) ", near)):
            yield found.end(), found.end() + len(near), False
    for found in words.NAMED.finditer(plain):
        yield *found.span("text"), False
    for found in words.SHOWN.finditer(plain):
        name = "text" if found["text"] else "one"
        yield *found.span(name), True
    for found in words.WRITTEN.finditer(plain):
        yield *found.span("text"), True
    for found in words.CAPITALS.finditer(plain):
        said = found["text"]
        if not words.ABBREVIATIONS.fullmatch(said) and not said.isdigit():
            yield *found.span("text"), True


def _chinese(text: Text) -> Iterator[tuple[int, int, bool]]:
    plain = text.plain
    for found in words.ZH_AFTER.finditer(plain):
        start, end = found.span("text")
        verb = list(words.ZH_VERB.finditer(plain, start, end))
        start = verb[-1].end() if verb else start
        word = plain[start:end]
        if (
            word
            and not words.ZH_GENERIC.fullmatch(word)
            and not re.fullmatch(r"[的这那有]|.*(?:的|着)", word)
        ) and (
            verb
            or re.search(rf"{words.ZH_CARRIER}|[,，:：]\s*$|^$", plain[:start])
            or word.isascii()
        ):
            yield start, end, bool(verb)
    for pattern in (words.ZH_VERB, words.ZH_NOUN):
        for found in pattern.finditer(plain):
            run = words.ZH_RUN.match(plain, found.end())
            if not run or text.cuts_word(found.start()) or text.cuts_word(found.end()):
                continue
            word, colon = run[0], found[0].rstrip().endswith(("：", ":"))
            loose = pattern is words.ZH_VERB and bool(words.ZH_LOOSE.match(found[0])) and not colon
            if (
                loose
                and found[0].startswith("显示")
                and words.ZH_LIT.search(plain[: found.start()])
            ):
                loose = False
            if loose and not re.search(r"字|[A-Z]{2,}", word):
                continue
            if not colon and words.ZH_GENERIC.match(word) and not re.search(r"[个]字", word):
                continue
            if HIDDEN in plain[run.end() : run.end() + 1] or ("的" in word[1:] and not colon):
                continue
            tail = re.search(
                r"(?:这)?(?:[一二两三四五六七八九几]个?|十个)(?:大|小|金|红)?字$|字样$", word
            )
            end = run.end() - (len(tail[0]) if tail else 0)
            if end > run.start():
                yield run.start(), end, end - run.start() <= 10


RULE = Rule(
    "lettering",
    "warning",
    {
        "unquoted": Said(
            (
                "“{word}” seems to be text for the picture, and is not in quotation marks.",
                "“{word}”像是要写进画面的文字，但没有加引号。",
            ),
            (
                "Put it into quotation marks, exactly as it shall be written.",
                "给它加上引号，一字不差地写出来。",
            ),
        ),
        "unclosed": Said(
            (
                "The quotation mark {opening} has no end {closing}.",
                "引号 {opening} 缺少结尾的 {closing}。",
            ),
            ("Close it after the text for the picture.", "在要写进画面的文字后面补上。"),
        ),
    },
    {
        "en": Examples(
            bad=(
                "a wooden sign that says Open, morning light",
                "poster with the title Silent Tide, linocut",
                "enamel mug labelled Grandpa on a shelf",
                "chalkboard, text: Fresh bread daily, café light",
                "neon sign CAFE above a brick wall",
                "tin box with the words Sea Salt in red",
            ),
            good=(
                "a wooden sign that says \"Open\", morning light",
                "poster with the title 'Silent Tide', linocut",
                "a girl reading a book by the window, side light",
                "a scroll with handwritten text in faded ink",
                "a stack of letters, text in gold, oak desk",
            ),
        ),
        "zh": Examples(
            bad=(
                "木牌上写着营业中，晨光",
                "海报，标题是静水流深，版画",
                "搪瓷杯，印着劳动光荣四个字",
                "黑板，文字：今日面包，暖光",
                "石碑上刻着厚德载物四个大字",
            ),
            good=(
                "木牌上写着“营业中”，晨光",
                "海报，标题是「静水流深」，版画",
                "写着毛笔字的红纸，砚台，侧光",
                "刻着花纹的银镯，丝绒，微距",
                "石碑上刻着“厚德载物”四个大字",
            ),
        ),
    },
    _find,
)  # fmt: skip
