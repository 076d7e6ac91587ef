"""Reader of the text that A1111, Forge, SD.Next, Civitai and many others write."""

from __future__ import annotations

import re

from .found import Found
from .lora_tags import take_lora_tags
from .numbers import number, size_of

_KNOWN = {
    "steps", "sampler", "sampler name", "schedule type", "scheduler", "cfg scale", "seed", "size",
    "model", "model hash", "guidance scale", "version", "denoising strength", "clip skip", "shift",
    "vae", "distilled cfg scale", "guidance", "rng", "app", "lora hashes", "created date",
}  # fmt: skip
_NUMERIC = {"steps", "seed", "cfg scale"}
_NO_NUMBER = re.compile(r"[+-]?(?:nan|inf(?:inity)?)|none|null|", re.I)  # written for a number
_KEY = re.compile(r"[ \t]*([A-Za-z][\w .\-/()+]{0,60}?)[ \t]*:(?!//)[ \t]*")
_FIRST = re.compile(
    r"^[ \t]*(?:Steps|Sampler|Seed|Size|Model(?: hash)?|CFG scale|Guidance scale)[ \t]*:",
    re.I | re.M,
)
_INLINE = re.compile(r"(?<=[\s,.])Steps[ \t]*:[ \t]*\d+[ \t]*,", re.I)
_NEGATIVE = re.compile(r"^[ \t]*Negative prompt[ \t]*:[ \t]*", re.I | re.M)
_NEGATIVE_INLINE = re.compile(r"(?:^|(?<=[\s,.]))Negative prompt[ \t]*:[ \t]*", re.I)
_QUOTE = re.compile(r'(?<!\\)"[ \t]*(?=[,\n]|\Z)')
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\]]')
_END = re.compile(r"[,\n]")
_TOOLS = {
    "fooocus": "Fooocus", "sd.next": "SD.Next", "comfyui": "ComfyUI",
    "stable-diffusion.cpp": "stable-diffusion.cpp", "zimg workbench": "zimg workbench",
    "easy diffusion": "Easy Diffusion", "draw things": "Draw Things",
}  # fmt: skip
_MAX_CANDIDATES = 30
_MAX_LENGTH = 300_000
_MAX_VALUE = 20_000  # characters that a quote or a bracket is looked ahead for its end
_MAX_UNCLOSED = 20


def read_a1111(text: str) -> Found | None:
    """Return what the text says, or None if it is of another kind."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > _MAX_LENGTH:
        return None
    head, facts, one_line = _Settings(text).split()
    if facts is None:
        return None
    negative = (_NEGATIVE_INLINE if one_line else _NEGATIVE).split(head)
    prompt = negative[0].rstrip().removesuffix(",") if one_line else negative[0]
    listed = facts.get("loras", facts.get("lora weights", ""))
    width, height = size_of(facts.get("size", ""))
    said = f"{facts.get('app', '')} {facts.get('version', '')}".lower()
    tool = next((name for key, name in _TOOLS.items() if key in said), "AUTOMATIC1111")
    return Found(
        software=tool,
        prompt=prompt.strip(),
        negative="\n".join(part.strip(" \n," if one_line else None) for part in negative[1:]),
        seed=facts.get("seed"),
        steps=facts.get("steps"),
        cfg=facts.get("cfg scale", facts.get("guidance scale")),
        sampler=facts.get("sampler", facts.get("sampler name")),
        scheduler=facts.get("schedule type", facts.get("scheduler")),
        shift=facts.get("shift", facts.get("sampler shift")),
        size=(width, height),
        loras=[] if take_lora_tags(prompt)[1] else _loras(listed),
        models=[facts[key] for key in ("model", "model hash") if facts.get(key)][:1],
        details={k: v for k, v in facts.items() if k not in ("prompt",) and len(v) < 500},
    )


class _Settings:
    """The settings line or lines of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.unclosed = 0

    def split(self) -> tuple[str, dict[str, str] | None, bool]:
        """Return what stands before the settings, the settings, and whether all is one line."""
        best = None
        inside = 0  # a settings line in a quoted value of another is no candidate
        for match in list(_FIRST.finditer(self.text))[:_MAX_CANDIDATES]:
            if match.start() < inside:
                continue
            facts, end = self._facts(match.start())
            if not _believable(facts):
                continue
            best, inside = (self.text[: match.start()], facts), end
        if best is not None:
            return *best, False
        for match in list(_INLINE.finditer(self.text))[:_MAX_CANDIDATES]:
            facts, _ = self._facts(match.start())
            if _believable(facts):
                return self.text[: match.start()], facts, True
        return self.text, None, False

    def _facts(self, start: int) -> tuple[dict[str, str], int]:
        """Read ``Key: value`` pairs, the first of equal keys; return them and where they end."""
        facts: dict[str, str] = {}
        at, last, new_line = start, "", True
        while at < len(self.text):
            key = _KEY.match(self.text, at)
            if key is None:
                end = self._plain_end(at)
                if new_line and self.text[at:end].strip():
                    return facts, at
                if last and len(facts[last]) < 1000:  # a comma inside the value before it
                    facts[last] = f"{facts[last]}, {self.text[at:end].strip()}".strip(", ")
            else:
                last = key[1].strip().lower()
                # Extensions add lines of their own, such as "Template: ...", that hold commas.
                value, end = self._value(key.end(), new_line and last not in _KNOWN)
                if last in facts:
                    last = ""
                else:
                    facts[last] = value
            new_line = self.text[end : end + 1] == "\n"
            at = end + 1
        return facts, len(self.text)

    def _value(self, at: int, whole_line: bool) -> tuple[str, int]:
        """Return the value that begins here, and where the comma or line end behind it is."""
        text = self.text
        first = text[at : at + 1]
        if first == '"' and self.unclosed < _MAX_UNCLOSED:
            close = _QUOTE.search(text, at + 1, at + _MAX_VALUE)
            if close:
                inner = text[at + 1 : close.start()]
                return inner.replace('\\"', '"').replace("\\n", "\n"), close.end()
            self.unclosed += 1
        if first in ("{", "[") and self.unclosed < _MAX_UNCLOSED:
            end = _bracket_end(text, at)
            if end:
                return text[at:end], self._plain_end(end)
            self.unclosed += 1
        line = text.find("\n", at)
        end = (line if line >= 0 else len(text)) if whole_line else self._plain_end(at)
        return text[at:end].strip(), end

    def _plain_end(self, at: int) -> int:
        match = _END.search(self.text, at)
        return match.start() if match else len(self.text)


def _believable(facts: dict[str, str]) -> bool:
    written = [facts[key] for key in _NUMERIC & facts.keys()]
    numbers = [text for text in written if number(text) is not None]
    others = [text for text in written if number(text) is None]
    drawn = numbers or (facts.get("sampler") and not others)
    right = all(_NO_NUMBER.fullmatch(text.strip()) for text in others)
    return bool(right and drawn and len(_KNOWN & facts.keys()) >= 2)


def _bracket_end(text: str, at: int) -> int:
    """Return the place behind the bracket that closes the one here; 0 if none does."""
    depth = 0
    for token in _TOKEN.finditer(text, at, at + _MAX_VALUE):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
            if depth == 0:
                return token.end()
    return 0


def _loras(text: str) -> list[tuple[str, str]]:
    """Read ``name: 0.8, other: 1``, as this package and Fooocus write LoRAs into the text."""
    pairs = [part.rpartition(":") for part in text.split(",")]
    return [(name.strip(), weight.strip()) for name, _, weight in pairs if name.strip()]
