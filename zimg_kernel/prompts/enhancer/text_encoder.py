"""Writing with the text encoder in a pipeline's memory, whose embedding is its head, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .checks import is_repetitive
from .thoughts import visible

if TYPE_CHECKING:
    import torch

    from zimg_kernel.models.loaded_model import LoadedModel

# Of Qwen3's model card, for answers without thinking; temperature is the caller's (0.7 there).
_TOP_P = 0.8
_TOP_K = 20
_ENDS = ("<|im_end|>", "<|endoftext|>")
_CHECK_EVERY = 32  # tokens between two looks for repetition


@dataclass(frozen=True)
class EnhanceOptions:
    """Options of one answer.

    Attributes
    ----------
    seed : int
        Chooses the words; torch's own random numbers are left alone.
    max_tokens : int
        The longest answer.
    temperature : float
        0 takes the likeliest word each time.
    show : callable
        Gets the text so far, after each word.
    stop : callable
        Asked after each token; where it returns True, the rest is not written.
    """

    seed: int
    max_tokens: int
    temperature: float
    show: Callable[[str], object] = str
    stop: Callable[[], bool] = bool


@dataclass(frozen=True)
class ModelAnswer:
    """Text of a model, and whether a limit ended it."""

    text: str
    cut_off: bool = False


def can_write(model: LoadedModel) -> bool:
    """Return whether the text encoder of a model can write: a Qwen3 with tied embeddings."""
    config = getattr(getattr(model.pipe, "text_encoder", None), "config", None)
    tied = bool(getattr(config, "tie_word_embeddings", False))
    if not model.in_torch:
        return False
    return model.card.writes and tied and getattr(config, "model_type", "") == "qwen3"


def writer_of(encoder: Any) -> Any:
    """Return a language model whose body is this encoder and whose head is its embedding.

    Nothing is copied: it is built without memory (on torch's meta device), then given the
    encoder itself and the embedding's own parameter, which for tied embeddings is the head.
    """
    import torch
    from transformers import Qwen3ForCausalLM

    with torch.device("meta"):
        writer = Qwen3ForCausalLM(encoder.config)
    writer.model = encoder
    writer.lm_head.weight = encoder.get_input_embeddings().weight
    return writer.eval()


def write(
    model: LoadedModel, messages: list[dict[str, str]], options: EnhanceOptions
) -> ModelAnswer:
    """Write an answer with a model's text encoder; for the engine's own thread.

    Parameters
    ----------
    model : LoadedModel
        One that :func:`can_write`. Where its parts wait in RAM, the encoder goes to the GPU as
        it does for a prompt, and makes room for the next part as it does then.
    messages : list of dict
        Chat messages with roles and contents.
    options : EnhanceOptions
        Of this answer.
    """
    import torch
    from transformers import GenerationConfig

    tokenizer, encoder = model.pipe.tokenizer, model.pipe.text_encoder
    prompt = tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
    )
    ids = tokenizer(prompt, return_tensors="pt", truncation=False).input_ids
    waits = model.offloaded and model.speed is not None  # its own modules stay in RAM
    ids = ids.to(encoder.device if waits else model.pipe._execution_device)
    known = tokenizer.get_vocab()
    ends = {known[end] for end in _ENDS if end in known} | {tokenizer.eos_token_id}
    writer = writer_of(encoder)
    progress = _Progress(tokenizer, options)
    with torch.inference_mode():
        if model.offloaded:
            encoder(input_ids=ids[:, :1])  # its hook brings it to the GPU, before it is asked where
        written = writer.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            generation_config=GenerationConfig(
                max_new_tokens=options.max_tokens,
                do_sample=False,  # the chooser draws, with a generator of its own
                eos_token_id=sorted(end for end in ends if end is not None),
                pad_token_id=tokenizer.pad_token_id,
            ),
            logits_processor=[_TokenChooser(options.seed, options.temperature)],
            stopping_criteria=[progress],
        )
    new = written[0, ids.shape[1] :].tolist()
    ended = bool(new) and new[-1] in ends
    return ModelAnswer(tokenizer.decode(new, skip_special_tokens=True), not ended)


class _TokenChooser:
    """Sampling with a generator of its own, which transformers' sampling cannot have.

    Called as a logits processor: all scores but the chosen token's become minus infinity.
    """

    def __init__(self, seed: int, temperature: float) -> None:
        import torch

        # On the CPU, so that a seed means the same numbers on every device.
        self._generator = torch.Generator("cpu").manual_seed(seed)
        self._temperature = temperature

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        import torch

        best = scores.float().topk(min(_TOP_K, scores.shape[-1]), dim=-1)
        values, tokens = best.values[0].cpu(), best.indices[0].cpu()
        choice = 0
        if self._temperature > 0:
            chances = (values / self._temperature).softmax(-1)
            before = chances.cumsum(-1) - chances
            chances[before >= _TOP_P] = 0  # the smallest set of tokens that holds top_p
            choice = int(torch.multinomial(chances, 1, generator=self._generator))
        chosen = torch.full_like(scores, -torch.inf)
        chosen[:, int(tokens[choice])] = 0
        return chosen


class _Progress:
    """Stopping criterion that shows the text so far, and ends a repetitive one."""

    def __init__(self, tokenizer: Any, options: EnhanceOptions) -> None:
        self._tokenizer, self._options = tokenizer, options
        self._begin: int | None = None

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        import torch

        if self._begin is None:  # called first when one token has been written
            self._begin = input_ids.shape[1] - 1
        new = input_ids[0, self._begin :].tolist()
        text = visible(self._tokenizer.decode(new, skip_special_tokens=True))
        self._options.show(text)
        end = self._options.stop() or (len(new) % _CHECK_EVERY == 0 and is_repetitive(text))
        return torch.full((input_ids.shape[0],), end, dtype=torch.bool, device=input_ids.device)
