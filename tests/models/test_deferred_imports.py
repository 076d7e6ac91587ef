"""What drawing does not need is not imported, and works when it is used."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from zimg_kernel.models.deferred_imports import deferred_imports
from zimg_kernel.models.loading import import_libraries

before = __import__
import_libraries()
assert __import__ is before
for name in ("torch._dynamo", "peft.peft_model", "scipy.stats", "scipy.optimize"):
    assert name not in sys.modules, name

import torch
from diffusers import DPMSolverMultistepScheduler
from diffusers.loaders import lora_base
from diffusers.models.transformers import transformer_z_image
from transformers.loss import loss_for_object_detection

module = torch.nn.Sequential(torch.nn.Linear(2, 2))
assert not isinstance(module[0], lora_base.BaseTunerLayer)
assert "peft.tuners.tuners_utils" not in sys.modules
from peft import LoraConfig, inject_adapter_in_model

module = inject_adapter_in_model(LoraConfig(target_modules=["0"]), module)
assert isinstance(module[0], lora_base.BaseTunerLayer)

scheduler = DPMSolverMultistepScheduler(use_beta_sigmas=True)
scheduler.set_timesteps(5)
assert len(scheduler.sigmas) == 6
rows, columns = loss_for_object_detection.linear_sum_assignment([[1, 0], [0, 1]])
assert list(columns) == [1, 0]

assert torch.compile(lambda x: x + 1, backend="eager")(torch.ones(1)) == 2
from torch._dynamo import trace_rules

assert trace_rules.is_callable_allowed(transformer_z_image.ZImageTransformerBlock)
assert type(torch._dynamo).__name__ == "module"
with deferred_imports():
    from scipy.stats import norm
assert norm.cdf(0) == 0.5
"""


def test_deferred_imports_are_real_when_they_are_used():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
