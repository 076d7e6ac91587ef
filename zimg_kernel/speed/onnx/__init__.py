"""ONNX: a model's parts written for other runtimes, and drawn with onnxruntime on a CPU."""
