"""Dynamic 8-bit quantisation of an exported part's products."""

from __future__ import annotations

import logging
from pathlib import Path

_SMALLEST = 2**14  # values of a matrix; smaller ones save nothing
_KEPT = ("embedder", "adaLN_modulation", "final_layer", "embed_tokens")


def quantise(source: Path, target: Path) -> None:
    """Write a file whose products of tokens with weights are in 8 bits.

    Weights are rounded once, a scale for each output; tokens at each run, a scale for all of
    them. Embedders, modulations and the final layer, which few numbers pass, stay in fp32.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(str(source))
    graph = model.graph
    # The quantiser turns weights around without their notes of shapes, then finds these wrong.
    del graph.value_info[:]
    sizes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    wanted = [
        node.name
        for node in graph.node
        if node.op_type == "MatMul"
        and not any(name in _origin(node) for name in _KEPT)
        and len(sizes.get(node.input[1], ())) == 2
        and sizes[node.input[1]][0] * sizes[node.input[1]][1] >= _SMALLEST
    ]
    target.parent.mkdir(parents=True, exist_ok=True)
    logging.getLogger().disabled = True
    try:
        quantize_dynamic(
            model,
            str(target),
            op_types_to_quantize=["MatMul"],
            nodes_to_quantize=wanted,
            per_channel=True,
            weight_type=QuantType.QInt8,
            use_external_data_format=True,
        )
    finally:
        logging.getLogger().disabled = False


def _origin(node: object) -> str:
    """Return where in the module a node comes from, as the exporter notes it."""
    kept = {entry.key: entry.value for entry in getattr(node, "metadata_props", ())}
    return kept.get("pkg.torch.onnx.name_scopes", "") + " " + getattr(node, "name", "")
