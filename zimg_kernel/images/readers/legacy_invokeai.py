"""Reader of InvokeAI's records up to version 3, through sd-parsers."""

from __future__ import annotations

from .found import Found


def read_legacy_invokeai(texts: dict[str, str]) -> Found | None:
    """Return what the chunks ``sd-metadata`` or ``Dream`` say, or None."""
    if "sd-metadata" not in texts and "Dream" not in texts:
        return None
    from sd_parsers.parsers import InvokeAIParser  # takes 40 ms: only where needed

    try:
        info = InvokeAIParser().parse(dict(texts))
        sampler = info.samplers[0]
        values = dict(sampler.parameters)
        return Found(
            software="InvokeAI",
            prompt=", ".join(str(prompt) for prompt in info.prompts),
            negative=", ".join(str(prompt) for prompt in info.negative_prompts),
            seed=values.get("seed"),
            steps=values.get("steps"),
            cfg=values.get("cfg_scale"),
            sampler=str(sampler.name).removesuffix("_k"),
            scheduler="karras" if str(sampler.name).endswith("_k") else None,
            models=[str(sampler.model)] if sampler.model else [],
        )
    except Exception:  # it raises what the file makes it raise
        return None
