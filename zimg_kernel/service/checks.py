"""Checks of what a client asks for, beyond those of the engine."""

from __future__ import annotations

from unicodedata import category

from zimg_kernel.lora.files import ENDING
from zimg_kernel.lora.files import names as lora_names
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.params import GenerationParams

from .options import ServiceOptions
from .refusal import Refused
from .word_filter import WordFilter

_SPACES = "\t\n\r"


class RequestChecks:
    """Refuses requests that the engine would take from its own user.

    Parameters
    ----------
    options : ServiceOptions
    words : WordFilter
    """

    def __init__(self, options: ServiceOptions, words: WordFilter) -> None:
        self._options, self._words = options, words

    def check(self, params: GenerationParams) -> None:
        """Look at texts, counts, sizes and names.

        Raises
        ------
        Refused
            With a status of 400.
        """
        self.check_texts(params.prompt, params.negative_prompt)
        most = self._options.max_pictures
        if params.count > most:
            raise Refused(
                f"A request may ask for {most} pictures, not {params.count}: send several.",
                code="too-many-pictures",
                field="count",
            )
        width, height = params.width or 0, params.height or 0
        if max(width, 1) * max(height, 1) > self._options.max_pixels:
            raise Refused(
                f"A picture may have {self._options.max_pixels} pixels here, not {width}x{height}: "
                "ask for a smaller one.",
                code="picture-too-large",
                field="width",
            )
        self._check_model(params.model)
        self._check_loras(params)

    def check_texts(self, prompt: str, negative_prompt: str = "") -> None:
        """Look at the length of texts, at their characters and at their words."""
        for field, text in (("prompt", prompt), ("negative_prompt", negative_prompt)):
            if len(text) > self._options.max_prompt:
                raise Refused(
                    f"A text may have {self._options.max_prompt} characters here, not {len(text)}: "
                    "shorten it.",
                    code="prompt-too-long",
                    field=field,
                )
            odd = next(
                (sign for sign in text if category(sign) == "Cc" and sign not in _SPACES), ""
            )
            if odd:
                raise Refused(
                    f"A text may hold no control characters, and this one holds U+{ord(odd):04X}: "
                    "leave it out.",
                    code="invalid-characters",
                    field=field,
                )
        if prompt and all(sign.isspace() or category(sign) == "Cf" for sign in prompt):
            raise Refused(
                "The prompt holds only characters that cannot be seen: say what to draw.",
                code="empty-prompt",
                field="prompt",
            )
        # What is to be kept out may be named.
        if self._options.filter_words and self._words.find(prompt) is not None:
            raise Refused(
                "The prompt holds a word that this service does not draw: leave it out.",
                code="forbidden-word",
                field="prompt",
            )

    def _check_model(self, model: str | None) -> None:
        known = load_catalog()
        if model is not None and model not in known:
            raise Refused(
                f"There is no model {model[:60]!r} here: GET /v1/models lists those there are.",
                status=404,
                code="unknown-model",
                field="model",
            )

    def _check_loras(self, params: GenerationParams) -> None:
        """Let in names of the folder of LoRAs alone: a path would reach any file."""
        if not params.loras:
            return
        known = lora_names()
        short = {name.rpartition("/")[2] for name in known}
        for name, _ in params.loras:
            if name.removesuffix(ENDING) not in known and name.removesuffix(ENDING) not in short:
                raise Refused(
                    f"There is no LoRA {name[:60]!r} here: GET /v1/loras lists those there are.",
                    code="unknown-lora",
                    field="loras",
                )
