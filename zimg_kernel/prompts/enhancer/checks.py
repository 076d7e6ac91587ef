"""Checks of a model's answer against its prompt: accepted, repaired, or refused with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from zimg_kernel.errors import ZimgError
from zimg_kernel.prompts.linter.lint import fix, lint
from zimg_kernel.prompts.text import HAN, Text, has_han, language_of

from .content import Content, Rewritten, content_of, quoted
from .thoughts import without_thoughts

_SHORTEST = 0.5  # least part of an answer that was cut off which must be whole sentences
_USELESS = ("praise", "weights")  # rules whose safe edits are applied to a model's answer
_HAN = re.compile(f"[{HAN}]")
_BROKEN = re.compile("\ufffd|<unk>|<\\|")
_END = "。．.!?！？,，;； "

_FENCE = re.compile(r"^```\w*\n(.*?)(?:\n```)?$", re.DOTALL)
_HEADING = re.compile(
    r"""
    ^(?:\#+[ ]*)?(?:\*\*)?
    (?:
        (?:here(?:[ ]is|'s)|this[ ]is|sure|certainly|of[ ]course)\b[^:：\n]{0,80}
      | (?:(?:enhanced|rewritten|revised|improved|final|new)[ ])?(?:prompt|description)
      | 好的[^:：\n]{0,40} | 以下是[^:：\n]{0,40}
      | (?:改写后?的?|优化后?的?|增强后?的?|画面|最终)?(?:提示词|描述)
    )
    (?:\*\*)?[ ]*[:：](?:\*\*)?\s*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PAIRS = {'"': '"', "“": "”", "「": "」", "『": "』"}
_REPEATED = re.compile(r"(.{2,60}?)\1{4,}", re.DOTALL)
_SENTENCE = re.compile(r"[^。．.!?！？\n]{6,}")
_SENTENCE_ENDS = "。．.!?！？"
_MOST_REPEATS = 3  # times that one sentence may not occur


class CandidateRefused(ZimgError):
    """A candidate cannot be used; the message is the reason, as a part of a sentence."""


@dataclass(frozen=True)
class CheckedAnswer:
    """Accepted text, with what it keeps of the prompt and a sentence for each repair."""

    text: str
    kept: tuple[str, ...]
    repaired: tuple[str, ...] = ()


class Checker:
    """Check of the candidates for one prompt.

    Parameters
    ----------
    prompt : str
        The user's text.
    count : callable
        Returns the number of tokens of a text.
    limit : int
        The most tokens that the model reads.
    """

    def __init__(self, prompt: str, count: Callable[[str], int], limit: int) -> None:
        self.prompt = prompt
        self.language = language_of(prompt)
        # What draws nothing anyway, such as praise, need not be kept.
        useful = _without_useless(prompt)[0] or prompt
        self._text = Text(useful)
        self._content = content_of(useful)
        self._count, self._limit = count, limit

    @property
    def named(self) -> tuple[str, ...]:
        """Everything that the prompt names, in its own words."""
        return tuple(each.shown for each in self._content)

    def check(
        self, answer: str, cut_off: bool = False, others: Iterable[str] = ()
    ) -> CheckedAnswer:
        """Return a model's answer as a candidate.

        Parameters
        ----------
        answer : str
            As the model gave it.
        cut_off : bool
            Whether a limit ended it.
        others : iterable of str
            The candidates so far; it must be another one.

        Raises
        ------
        CandidateRefused
            It cannot be used.
        """
        repaired: list[str] = []
        text = cleaned(answer)
        if not text:
            raise CandidateRefused("it was empty", code="empty-answer")
        if is_repetitive(text):
            raise CandidateRefused("it went round in circles", code="repetitive-answer")
        if _BROKEN.search(text):
            raise CandidateRefused("it holds signs that are no text", code="broken-text")
        if cut_off:
            whole = text[: max(map(text.rfind, _SENTENCE_ENDS)) + 1]
            if len(whole) < _SHORTEST * len(text):
                raise CandidateRefused("it did not come to an end", code="unfinished-answer")
            text = whole
            repaired.append("It was cut off; its last, unfinished sentence has been left out.")
        self._check_language(text)
        text = self._without_praise(text, repaired)
        text = self._with_quotes(text, repaired)
        text = self._complete(text, repaired)
        self._check_lettering(text)
        self._check_new(text, others)
        tokens = self._count(text)
        if tokens > self._limit:
            raise CandidateRefused(
                f"it has {tokens} tokens and the model reads {self._limit}", code="prompt-too-long"
            )
        return CheckedAnswer(text, self.named, tuple(repaired))

    def _check_language(self, text: str) -> None:
        plain = Text(text).plain
        if (self.language == "zh") != has_han(plain):
            wanted = "Chinese" if self.language == "zh" else "English"
            raise CandidateRefused(
                f"it is not in {wanted}, as the prompt is", code="language-changed"
            )
        han, letters = len(_HAN.findall(plain)), sum(c.isascii() and c.isalpha() for c in plain)
        if self.language == "zh" and letters > 2 * han:
            raise CandidateRefused(
                "it is mostly not in Chinese, as the prompt is", code="language-changed"
            )

    def _without_praise(self, text: str, repaired: list[str]) -> str:
        fixed, words = _without_useless(text)
        if not fixed or fixed == text:
            return text
        repaired.append(f"Words that draw nothing were left out: {', '.join(words)}.")
        return fixed

    def _with_quotes(self, text: str, repaired: list[str]) -> str:
        """Put quotation marks around lettering that has lost them."""
        for each in self._content:
            rewritten = Rewritten(text)
            at = rewritten.plain.find(each.shown)
            if each.kind == "text" and at >= 0 and each.state_in(rewritten) == "missing":
                left, right = "“”" if has_han(each.shown) or self.language == "zh" else '""'
                end = at + len(each.shown)
                text = f"{text[:at]}{left}{each.shown}{right}{text[end:]}"
                repaired.append(f"{each.shown} had lost its quotation marks.")
        return text

    def _complete(self, text: str, repaired: list[str]) -> str:
        """Put back what is missing, in the user's own words; refuse what has been changed."""
        states = [(each, each.state_in(Rewritten(text))) for each in self._content]
        changed = [each.shown for each, state in states if state == "changed"]
        if changed:
            raise CandidateRefused(f"it changes {_listed(changed)}", code="content-changed")
        missing = [each for each, state in states if state != "kept"]
        things = [each for each in self._content if each.kind == "thing"]
        lost = [each.shown for each in missing if each.kind == "thing"]
        if len(lost) * 2 > len(things) or (lost and lost[0] == things[0].shown):  # the subject
            raise CandidateRefused(f"it leaves out {_listed(lost)}", code="content-missing")
        added: list[str] = []
        for each in missing:
            clause = self._clause(each)
            if each.state_in(Rewritten(text)) != "kept" and clause not in added:
                text = self._joined(text, clause)
                added.append(clause)
                repaired.append(f"{each.shown} was missing and has been put back.")
        if any(each.state_in(Rewritten(text)) != "kept" for each in self._content):
            raise CandidateRefused("what it leaves out cannot be put back", code="content-missing")
        return text

    def _clause(self, content: Content) -> str:
        """Return the user's own words around something; lettering alone gets a few more."""
        start, end = self._text.phrase_of(content.start)
        clause = self._text.prompt[start:end].strip()
        if content.kind != "text" or len(clause) > len(content.shown) + 2:
            return clause
        return f"画面中写着{clause}" if self.language == "zh" else f"with the text {clause}"

    def _joined(self, text: str, clause: str) -> str:
        if self.language == "zh":
            return f"{text.rstrip(_END)}，{clause}。"
        return f"{text.rstrip(_END)}; {clause}."

    def _check_lettering(self, text: str) -> None:
        prompt, wanted = self.prompt.casefold(), quoted(self._text)
        extra = [q for q in quoted(Text(text)) if q not in wanted and q.casefold() not in prompt]
        if extra:
            raise CandidateRefused(
                f"it letters {_listed(extra)}, which nobody asked for", code="lettering-added"
            )

    def _check_new(self, text: str, others: Iterable[str]) -> None:
        if _letters(text) == _letters(self.prompt):
            raise CandidateRefused("it adds nothing to the prompt", code="nothing-added")
        if any(_letters(text) == _letters(other) for other in others):
            raise CandidateRefused(
                "it is the same as another candidate", code="duplicate-candidate"
            )


def cleaned(answer: str) -> str:
    """Return an answer on one line, without thoughts, heading, fence and quotes around it."""
    text = _HEADING.sub("", without_thoughts(answer).strip()).strip()
    if found := _FENCE.match(text):
        text = found[1].strip()
    text = _HEADING.sub("", text).strip()
    text = text.replace("**", "")
    inner = text[1:-1]
    # Marks within belong to two quotations, such as "OPEN" above a "SALE".
    if len(text) > 1 and _PAIRS.get(text[0]) == text[-1] and not {text[0], text[-1]} & set(inner):
        text = inner.strip()
    # Chinese needs no space where a line ends.
    text = re.sub(rf"(?<=[{HAN}，。；：、！？])\s*\n+\s*", "", text)
    return " ".join(text.split())


def is_repetitive(text: str) -> bool:
    """Return whether a text repeats itself again and again."""
    if _REPEATED.search(text):
        return True
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(text)]
    return any(sentences.count(sentence) >= _MOST_REPEATS for sentence in set(sentences))


def _without_useless(text: str) -> tuple[str, list[str]]:
    """Return a text without what has no effect on any model of the family, and those words."""
    found = [f for f in lint(text, language="en") if f.rule in _USELESS and f.edits]
    return fix(text, found).strip(), [" ".join(text[f.start : f.end].split()) for f in found]


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"“{word}”" for word in dict.fromkeys(words))
