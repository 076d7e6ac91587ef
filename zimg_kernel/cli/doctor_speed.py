"""How fast models will be drawn and what of them stays on the card, for ``zimg doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.load_profile import LoadProfile, has_fp8, profile_of
from zimg_kernel.settings import chosen_language, settings

if TYPE_CHECKING:
    import torch

    from zimg_kernel.models.card import ModelCard

_WORDS = {
    "en": {
        "label": "Speed",
        "stock": "stock (diffusers' own modules)",
        "exact": "exact (the same sums by faster kernels)",
        "fast": "fast (8 bits)",
        "elsewhere": "faster kernels are for NVIDIA cards of the RTX 30 series or newer, in bf16",
        "no triton": "faster kernels need Triton, which comes with CUDA builds of PyTorch on Linux",
        "flash": "for less time on this card: pip install fa3-fwd (FlashAttention 3)",
        "fp8": "ZIMG_SPEED=fast would be quicker, in 8 bits",
        "no fp8": "this card has no 8 bits for ZIMG_SPEED=fast",
        "all": "{model}: all of it stays on the card, {peak} GB at {size}",
        "some": "{model}: {peak} GB of the card at {size}; of its transformer {blocks} blocks stay "
        "there, of its text encoder {layers}, the others wait in RAM",
        "turns": "{model}: its parts wait in RAM and come to the card in turn, which is slow",
        "none": "{model}: does not fit into {free} GB",
        "kept": " (ZIMG_MEMORY={memory:g}GB)",
        "and": "; ",
    },
    "zh": {
        "label": "速度",
        "stock": "stock（diffusers 自己的模块）",
        "exact": "exact（同样的运算，更快的内核）",
        "fast": "fast（8 位）",
        "elsewhere": "更快的内核只用于 RTX 30 系列或更新的 NVIDIA 显卡，并且是 bf16",
        "no triton": "更快的内核需要 Triton（Linux 上 PyTorch 的 CUDA 版自带）",
        "flash": "这张卡还能更快：pip install fa3-fwd（FlashAttention 3）",
        "fp8": "用 ZIMG_SPEED=fast（8 位）会更快",
        "no fp8": "这张卡没有 ZIMG_SPEED=fast 所需的 8 位运算",
        "all": "{model}：全部留在显卡上，{size} 时 {peak} GB",
        "some": "{model}：{size} 时占显卡 {peak} GB；transformer 的 {blocks} 块和文本编码器的 "
        "{layers} 层留在显卡上，其余在内存里等候",
        "turns": "{model}：各部分在内存里等候，轮流上显卡，较慢",
        "none": "{model}：{free} GB 放不下",
        "kept": "（ZIMG_MEMORY={memory:g}GB）",
        "and": "；",
    },
}


def examine_speed(
    device: torch.device, cards: dict[str, tuple[ModelCard, Path | None]]
) -> dict[str, Any]:
    """Return what will compute on a device, and what of each model stays on it.

    Parameters
    ----------
    cards : dict
        By id, each with its folder if it is complete.

    Raises
    ------
    BadInput
        A setting has another value than there are.
    """
    fit = [pair for pair in cards.values() if "exact" in family_of(pair[0]).speeds]
    profile = profile_of(fit[0][0], device) if fit else LoadProfile("float32")
    found: dict[str, Any] = {
        "asked": settings().speed or "auto",
        "profile": profile.speed,
        "memory_gb": profile.memory or None,
    }
    if device.type != "cuda":
        return {**found, "models": {}}
    import torch

    from zimg_kernel.models.device import free_bytes, own_bytes
    from zimg_kernel.speed.attention import name_of, pick_attention
    from zimg_kernel.speed.fused import has_triton

    models = {}
    for card, folder in cards.values():
        if folder is not None:
            own = profile_of(card, device)
            free = free_bytes(device, own.memory)
            models[card.id] = what_stays(card, folder, own, free, free + own_bytes(device))
    return {
        **found,
        "triton": has_triton(),
        "attention": name_of(pick_attention(device, profile.torch_dtype)),
        "hopper": torch.cuda.get_device_capability(device)[0] == 9 and not torch.version.hip,
        "fp8": has_fp8(device, profile.dtype),
        "models": models,
    }


def what_stays(
    card: ModelCard, folder: Path, profile: LoadProfile, free: float, room: float
) -> dict[str, Any]:
    """Return what of a model stays on a card with so much memory.

    Parameters
    ----------
    free, room : float
        Bytes for new tensors, and for everything of this process.
    """
    from zimg_kernel.models.diffusers_folder import weighted_components
    from zimg_kernel.models.memory import bytes_needed, bytes_per_pixel

    dtype = profile.torch_dtype
    width, height = card.default_size
    sizes = bytes_needed(folder, list(weighted_components(folder)), dtype)
    picture = width * height * bytes_per_pixel(folder, dtype)
    said: dict[str, Any] = {"size": f"{width}x{height}", "free_gb": _gb(free)}
    whole = sum(sizes.values()) + picture
    if whole <= free:
        return {**said, "stays": "all", "peak_gb": _gb(whole + room - free)}
    if profile.speed != "stock":
        found = family_of(card).residence(folder, profile, card, room)
        if found is not None and found.waits:
            counts = {"blocks": found.blocks, "encoder_layers": found.encoder_layers}
            return {**said, "stays": "some", "peak_gb": _gb(found.peak), **counts}
        if found is not None:
            return {**said, "stays": "all", "peak_gb": _gb(found.peak)}
    turns = max(sizes.values(), default=0) + picture <= free
    return {**said, "stays": "turns" if turns else "none"}


def _gb(size: float) -> float:
    return round(size / 1e9, 1)


def speed_lines(found: dict[str, Any], language: str | None = None) -> list[str]:
    """Return the findings as lines for a terminal."""
    words = _WORDS[chosen_language(language)]
    parts = [words[found["profile"]]]
    if found["memory_gb"]:
        parts[0] += words["kept"].format(memory=found["memory_gb"])
    if found["profile"] == "stock":
        why = "elsewhere" if found.get("triton", True) else "no triton"
        parts += [words[why]] if found["asked"] != "stock" else []
    elif "triton" in found:
        parts += [found["attention"]] if found["triton"] else [words["no triton"]]
        if found["hopper"] and not found["attention"].startswith("FlashAttention"):
            parts.append(words["flash"])
        if found["profile"] == "exact":
            parts.append(words["fp8" if found["fp8"] else "no fp8"])
    told = [words["and"].join(parts)]
    for model, one in found["models"].items():
        told.append(
            words[one["stays"]].format(
                model=model,
                size=one["size"],
                free=one["free_gb"],
                peak=one.get("peak_gb"),
                blocks=one.get("blocks"),
                layers=one.get("encoder_layers"),
            )
        )
    label = words["label"] + " " * (10 - sum(2 if ord(c) > 255 else 1 for c in words["label"]))
    return [(" " * 10 if at else label) + line for at, line in enumerate(told)]


def examine_or_tell(device: torch.device, fix: list[str]) -> dict[str, Any] | None:
    """Return the findings of this machine's models; None, with a line for ``fix``, if refused."""
    from zimg_kernel.models.catalog import load_catalog
    from zimg_kernel.models.weights import find_weights

    try:
        cards = {}
        for name, card in load_catalog().items():
            weights = find_weights(card)
            cards[name] = (card, weights.folder if weights.ready else None)
        return examine_speed(device, cards)
    except BadInput as error:
        if str(error) not in fix:
            fix.append(str(error))
        return None
