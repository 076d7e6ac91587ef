"""Prompt enhancer: several rewritten candidates, each checked against what the prompt names."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import ModelCard, get_card
from zimg_kernel.params import MAX_SEED

from .author import AnswerSource, Author, EncoderSource, EndpointSource
from .candidates import Candidate, Candidates, Enhancement
from .endpoint import Endpoint, find_endpoint
from .text_encoder import EnhanceOptions

if TYPE_CHECKING:
    from zimg_kernel.engine.protocol import Engine

MOST = 20  # candidates at a time
MAX_TOKENS = 400  # of an answer: some 250 English words, 600 Chinese characters
TEMPERATURE = 0.7  # Qwen3's model card, for answers without thinking


def enhance(
    prompt: str,
    n: int = 3,
    *,
    model: str | None = None,
    engine: Engine | None = None,
    seed: int = -1,
    max_tokens: int = MAX_TOKENS,
    temperature: float = TEMPERATURE,
    endpoint: str | Endpoint | None = None,
    on_text: Callable[[int, str], None] | None = None,
) -> Candidates:
    """Rewrite a prompt as long, concrete ones that keep all that it names.

    An endpoint writes them where one is set (``ZIMG_ENHANCER_URL``, ``ZIMG_ENHANCER_MODEL``,
    ``ZIMG_ENHANCER_KEY``); else the text encoder of the model that draws, which is in memory
    already and takes no more of it; else, as for the miniature, they are put together from
    ready clauses. Each is checked: what is missing is put back, and one that changes something
    is written again.

    Parameters
    ----------
    prompt : str
        Chinese or English; the candidates are in its language. Text in quotation marks stays
        as it is.
    n : int
        How many, 1 to 20.
    model : str, optional
        Id of the model that the candidates are for; by default the one that draws.
    engine : Engine, optional
        Whose model writes; the default engine of this process otherwise.
    seed : int
        The same one gives the same candidates; -1 draws one. Endpoints may not keep to it.
    max_tokens : int
        The longest answer, 16 to 4096 tokens.
    temperature : float
        0 (always the likeliest word) to 2.
    endpoint : str or Endpoint, optional
        The address of another endpoint than that of the settings; ``""`` for none.
    on_text : callable, optional
        Gets the index of a candidate (from 0) and its text so far, while it is written.

    Raises
    ------
    BadInput
        The request cannot be done; one sentence.
    ZimgError
        The model is not there, or the endpoint failed; one sentence.

    Examples
    --------
    >>> enhance("a red circle", n=2, model="nano-turbo", seed=1).texts  # doctest: +SKIP
    ['a red circle, on the left, on a beige background', ...]
    """
    return enhancing(
        prompt,
        n,
        model=model,
        engine=engine,
        seed=seed,
        max_tokens=max_tokens,
        temperature=temperature,
        endpoint=endpoint,
        on_text=on_text,
    ).result()


def enhancing(
    prompt: str,
    n: int = 3,
    *,
    model: str | None = None,
    engine: Engine | None = None,
    seed: int = -1,
    max_tokens: int = MAX_TOKENS,
    temperature: float = TEMPERATURE,
    endpoint: str | Endpoint | None = None,
    on_text: Callable[[int, str], None] | None = None,
    on_candidate: Callable[[Candidate], None] | None = None,
    on_end: Callable[[Enhancement], None] | None = None,
) -> Enhancement:
    """Rewrite a prompt in the background; return a handle at once.

    Parameters
    ----------
    on_candidate, on_end : callable, optional
        Get each finished candidate, and at the end the handle. All three are called in a thread
        of the enhancer's, or of the engine's.
    prompt, n, model, engine, seed, max_tokens, temperature, endpoint, on_text
        As for :func:`enhance`.

    Returns
    -------
    Enhancement
        With ``.cancel()``, ``.wait()``, ``.result()`` and the candidates so far.

    Raises
    ------
    BadInput
        A value is out of range, or the model or the endpoint's address is none. Whatever turns
        out later is raised by ``.result()``.
    """
    _check(prompt, n, seed, max_tokens, temperature)
    chosen = secrets.randbelow(2**32) if seed == -1 else seed
    options = EnhanceOptions(chosen, max_tokens, temperature)
    found = find_endpoint(endpoint)
    card = get_card(model) if model is not None else None

    def work(handle: Enhancement) -> None:
        # Here, since to look for the device imports torch, which takes seconds.
        source = EndpointSource(found) if found is not None else None
        target, encoder = (card, None) if source else _encoder(card, engine)
        Author(prompt, options, target, source or encoder).work(handle)

    handle = Enhancement(
        prompt, n, chosen, on_text=on_text, on_candidate=on_candidate, on_end=on_end
    )
    handle.start(work)
    return handle


def _encoder(
    card: ModelCard | None, engine: Engine | None
) -> tuple[ModelCard | None, AnswerSource | None]:
    """Return the model that draws, and its text encoder if that can write."""
    from zimg_kernel.engine.default import default_engine

    engine = engine or default_engine()
    card = card or get_card(engine.default_model())
    return card, EncoderSource(engine, card.id) if card.writes else None


def _check(prompt: Any, n: Any, seed: Any, max_tokens: Any, temperature: Any) -> None:
    if not isinstance(prompt, str):
        raise BadInput(
            f"A prompt is text, not {type(prompt).__name__}.", code="wrong-type", field="prompt"
        )
    if not prompt.strip():
        raise BadInput(
            "The prompt is empty: say in a few words what to draw.",
            code="empty-prompt",
            field="prompt",
        )
    for field, name, value, low, high, kind in (
        ("n", "The number of candidates", n, 1, MOST, int),
        ("seed", "The seed", seed, -1, MAX_SEED, int),
        ("max_tokens", "max_tokens", max_tokens, 16, 4096, int),
        ("temperature", "The temperature", temperature, 0, 2, int | float),
    ):
        if isinstance(value, bool) or not isinstance(value, kind) or not low <= value <= high:
            raise BadInput(
                f"{name} must lie between {low} and {high}, not {value!r}.",
                code="out-of-range",
                field=field,
            )
