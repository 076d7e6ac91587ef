"""A candidate is checked against its prompt: good, mended, or refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from zimg_kernel.prompts.linter.lint import fix, lint
from zimg_kernel.prompts.linter.text import HAN, Text

from .cleaning import circles, cleaned, without_broken_end
from .content import Need, Other, needs, quoted
from .instructions import language_of

_SHORTEST = 0.5  # of an answer that was cut off: what must be left of it in whole sentences
_USELESS = ("praise", "weights")  # rules whose safe edits apply to what a model wrote
_HAN = re.compile(f"[{HAN}]")
_BROKEN = re.compile("\ufffd|<unk>|<\\|")
_END = "。．.!?！？,，;； "


class Refused(Exception):
    """A candidate cannot be used; the message says why, as a part of a sentence."""


@dataclass(frozen=True)
class Checked:
    """A text that can be used, with what of the prompt it keeps and what was put back."""

    text: str
    kept: tuple[str, ...]
    repaired: tuple[str, ...] = ()


class Checker:
    """Checks the candidates of one prompt.

    Parameters
    ----------
    prompt : str
        What the user wrote.
    count : callable
        Returns how many tokens a text has.
    limit : int
        The most tokens that the model reads.
    """

    def __init__(self, prompt: str, count: Callable[[str], int], limit: int) -> None:
        self.prompt = prompt
        self.language = language_of(prompt)
        # What draws nothing anyway, such as praise, need not be kept.
        said = _without_useless(prompt)[0] or prompt
        self._text = Text(said)
        self._needs = needs(said)
        self._count, self._limit = count, limit

    @property
    def named(self) -> tuple[str, ...]:
        """What the prompt names, in its own words."""
        return tuple(need.shown for need in self._needs)

    def check(self, answer: str, cut_off: bool = False, others: Iterable[str] = ()) -> Checked:
        """Return a model's answer as a candidate.

        Parameters
        ----------
        answer : str
            As the model gave it.
        cut_off : bool
            Whether it was ended by a limit.
        others : iterable of str
            The candidates that there are; it must be another one.

        Raises
        ------
        Refused
            It cannot be used.
        """
        repaired: list[str] = []
        text = cleaned(answer)
        if not text:
            raise Refused("it was empty")
        if circles(text):
            raise Refused("it went round in circles")
        if _BROKEN.search(text):
            raise Refused("it holds signs that are no text")
        if cut_off:
            whole = without_broken_end(text)
            if len(whole) < _SHORTEST * len(text):
                raise Refused("it did not come to an end")
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
            raise Refused(f"it has {tokens} tokens and the model reads {self._limit}")
        return Checked(text, self.named, tuple(repaired))

    def _check_language(self, text: str) -> None:
        plain = Text(text).plain
        if (self.language == "zh") != bool(_HAN.search(plain)):
            wanted = "Chinese" if self.language == "zh" else "English"
            raise Refused(f"it is not in {wanted}, as the prompt is")
        han, letters = len(_HAN.findall(plain)), sum(c.isascii() and c.isalpha() for c in plain)
        if self.language == "zh" and letters > 2 * han:
            raise Refused("it is mostly not in Chinese, as the prompt is")

    def _without_praise(self, text: str, repaired: list[str]) -> str:
        mended, words = _without_useless(text)
        if not mended or mended == text:
            return text
        repaired.append(f"Words that draw nothing were left out: {', '.join(words)}.")
        return mended

    def _with_quotes(self, text: str, repaired: list[str]) -> str:
        """Put quotation marks around lettering that has lost them."""
        for need in self._needs:
            other = Other(text)
            at = other.plain.find(need.shown)
            if need.kind == "text" and at >= 0 and need.look(other) == "missing":
                left, right = "“”" if _HAN.search(need.shown) or self.language == "zh" else '""'
                end = at + len(need.shown)
                text = f"{text[:at]}{left}{need.shown}{right}{text[end:]}"
                repaired.append(f"{need.shown} had lost its quotation marks.")
        return text

    def _complete(self, text: str, repaired: list[str]) -> str:
        """Put back what is missing, in the user's own words; refuse what has been changed."""
        lacking = [(need, state) for need in self._needs if (state := need.look(Other(text)))
                   != "kept"]  # fmt: skip
        changed = [need.shown for need, state in lacking if state == "changed"]
        if changed:
            raise Refused(f"it changes {_listed(changed)}")
        things = [need for need in self._needs if need.kind == "thing"]
        lost = [need.shown for need, _ in lacking if need.kind == "thing"]
        if len(lost) * 2 > len(things) or (lost and lost[0] == things[0].shown):  # the subject
            raise Refused(f"it leaves out {_listed(lost)}")
        added: list[str] = []
        for need, _ in lacking:
            clause = self._clause(need)
            if need.look(Other(text)) != "kept" and clause not in added:
                text = self._joined(text, clause)
                added.append(clause)
                repaired.append(f"{need.shown} was missing and has been put back.")
        if any(need.look(Other(text)) != "kept" for need in self._needs):
            raise Refused("what it leaves out cannot be put back")
        return text

    def _clause(self, need: Need) -> str:
        """The user's own words around something; lettering alone gets a few more."""
        start, end = self._text.phrase_of(need.start)
        clause = self._text.prompt[start:end].strip()
        if need.kind != "text" or len(clause) > len(need.shown) + 2:
            return clause
        return f"画面中写着{clause}" if self.language == "zh" else f"with the text {clause}"

    def _joined(self, text: str, clause: str) -> str:
        if self.language == "zh":
            return f"{text.rstrip(_END)}，{clause}。"
        return f"{text.rstrip(_END)}; {clause}."

    def _check_lettering(self, text: str) -> None:
        said = self.prompt.casefold()
        wanted = quoted(self._text)
        extra = [q for q in quoted(Text(text)) if q not in wanted and q.casefold() not in said]
        if extra:
            raise Refused(f"it letters {_listed(extra)}, which nobody asked for")

    def _check_new(self, text: str, others: Iterable[str]) -> None:
        if _letters(text) == _letters(self.prompt):
            raise Refused("it adds nothing to the prompt")
        if any(_letters(text) == _letters(other) for other in others):
            raise Refused("it is the same as another candidate")


def _without_useless(text: str) -> tuple[str, list[str]]:
    """A text without what does nothing on any model of the family, and those words."""
    found = [f for f in lint(text, language="en") if f.rule in _USELESS and f.edits]
    return fix(text, found).strip(), [" ".join(text[f.start : f.end].split()) for f in found]


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"“{word}”" for word in dict.fromkeys(words))
