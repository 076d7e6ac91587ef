#!/usr/bin/env bash
# onnxruntime's quantize_dynamic refuses a valid model whose weight of a Gemm also stands in value_info.
#
# onnxruntime 1.31.1, onnx 1.23.1, Python 3.11.
# A graph's value_info may name the type and shape of any of its values, initializers included, as
# PyTorch's dynamo exporter writes it; onnx's checker with full_check accepts that. Such a note is
# expected to change nothing. quantize_dynamic turns a Gemm with transB=1 into a MatMul and transposes
# the weight, but leaves the note on its former shape as it was, and the shape inference that follows
# fails. The same model without the note is quantised. Deleting graph.value_info beforehand helps.
#
# Output seen:
#   without the note: quantised
#   with the note: InferenceError, Inferred shape and existing shape differ
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install \
    onnx==1.23.1 onnxruntime==1.31.1
cd "$folder"
venv/bin/python - <<'PY' | tee output
import logging

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic

logging.disable(logging.WARNING)


def write(noted):
    weight = numpy_helper.from_array(numpy.ones((4, 3), numpy.float32), "weight")
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "weight"], ["y"], transB=1)],
        "linear",
        [tensor("x", TensorProto.FLOAT, ["n", 3])],
        [tensor("y", TensorProto.FLOAT, ["n", 4])],
        [weight],
        value_info=[tensor("weight", TensorProto.FLOAT, [4, 3])] if noted else [],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, "model.onnx")


for noted, name in ((False, "without the note"), (True, "with the note")):
    write(noted)
    try:
        quantize_dynamic("model.onnx", "small.onnx")
        print(f"{name}: quantised")
    except Exception as error:
        known = "Inferred shape and existing shape differ"
        print(f"{name}: {type(error).__name__}, {known if known in str(error) else error}")
PY
diff output - <<'SEEN'
without the note: quantised
with the note: InferenceError, Inferred shape and existing shape differ
SEEN
