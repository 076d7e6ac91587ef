"""Commands ``zimg models`` and ``zimg pull``: models that there are, and their files."""

from __future__ import annotations

import json
from typing import Any

import click

from .console import JSON_OPTION, echo


@click.command()
@JSON_OPTION
def models(as_json: bool) -> None:
    """List the models, and which are ready to draw."""
    from zimg_kernel.models.catalog import load_catalog
    from zimg_kernel.models.fp8_file import fp8_state
    from zimg_kernel.models.weights import find_weights

    rows: list[dict[str, Any]] = []
    for card in load_catalog().values():
        weights = find_weights(card)
        rows.append(
            {
                "id": card.id,
                "title": card.title,
                "family": card.family,
                "ready": weights.ready,
                "folder": str(weights.folder) if weights.folder else None,
                "fp8": fp8_state(card) if weights.ready else "",
                "problem": f"{weights.problem}; {weights.remedy}" if weights.problem else None,
                "default_size": card.default_size,
                "sizes": card.sizes,
                "steps": card.steps,
                "guidance": card.guidance,
                "memory_gb": card.memory_gb,
                "licence": card.licence,
            }
        )
    if as_json:
        echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    wide = max(len(row["family"]) for row in rows)
    head = f"{'MODEL':16} {'FAMILY':{wide}} {'READY':6} {'SIZE':10} "
    head += f"{'STEPS':>5} {'GUIDANCE':>8}  WHERE"
    echo(head)
    for row in rows:
        size = f"{row['default_size'][0]}x{row['default_size'][1]}"
        where = row["folder"] if row["ready"] else row["problem"]
        if row["fp8"]:
            where += " (with fp8 file)" if row["fp8"] == "ready" else " (fp8 file of other weights)"
        ready = "yes" if row["ready"] else "no"
        line = f"{row['id']:16} {row['family']:{wide}} {ready:6} {size:10}"
        echo(f"{line} {row['steps']:5} {row['guidance']:8g}  {where}")


@click.command()
@click.argument("model")
@click.option("--verify", is_flag=True, help="Check the sums of files that look complete.")
@click.option("--bf16", is_flag=True, help="Afterwards make a bf16 copy of an fp32 transformer.")
@click.option("--drop-fp32", is_flag=True, help="With --bf16: remove the fp32 original.")
@click.option("--fp8", is_flag=True, help="Afterwards write the weights in 8 bits for speed=fast.")
@click.option("--controlnet", is_flag=True, help="The model's ControlNet instead.")
def pull(
    model: str, verify: bool, bf16: bool, drop_fp32: bool, fp8: bool, controlnet: bool
) -> None:
    """Download MODEL, or finish a download that was cut off.

    MODEL may also be depth, pose or person: what those control maps are made with.
    """
    from zimg_kernel.edit.controls.controlnet_files import pull_controlnet
    from zimg_kernel.edit.controls.estimators import ESTIMATORS, pull_estimator
    from zimg_kernel.models.catalog import get_card, load_catalog
    from zimg_kernel.models.convert import convert_to_bf16
    from zimg_kernel.models.download import pull as pull_model
    from zimg_kernel.models.fp8_file import make_fp8
    from zimg_kernel.models.weights import require_weights

    say = lambda line: echo(line, err=True)  # noqa: E731
    if model in ESTIMATORS and model not in load_catalog():
        echo(pull_estimator(ESTIMATORS[model], say))
        return
    card = get_card(model)
    if controlnet:
        echo(pull_controlnet(card, say, verify))
        return
    folder = pull_model(card, say, verify)
    if bf16 or drop_fp32:
        folder = convert_to_bf16(card, folder, say, drop_fp32)
    if fp8:
        make_fp8(card, require_weights(card), say)
    echo(folder)
