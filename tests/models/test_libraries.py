"""Tests of the import of diffusers and transformers."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

from zimg_kernel.models.libraries import asked_for_when_needed

RUN = """
import importlib.metadata
asked = []
true = importlib.metadata.packages_distributions
importlib.metadata.packages_distributions = lambda: asked.append(1) or true()
from zimg_kernel.models.libraries import import_libraries
import_libraries()
from diffusers.utils import import_utils
print(len(asked), import_utils._optimum_quanto_available, import_utils._torch_available)
"""


TWICE = """
import importlib.metadata, threading
from zimg_kernel.models.libraries import import_libraries
true = importlib.metadata.packages_distributions
threads = [threading.Thread(target=import_libraries) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(importlib.metadata.packages_distributions is true)
"""


def test_threads_that_import_at_once_leave_the_true_function_behind() -> None:
    done = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"]


def test_nobody_reads_the_lists_of_files_for_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "False", "True"]


def test_who_looks_into_it_gets_the_true_list() -> None:
    true = importlib.metadata.packages_distributions
    with asked_for_when_needed():
        found = importlib.metadata.packages_distributions()
        assert "torch" in found
        assert found["torch"] == ["torch"]
        assert dict(found) == dict(true())
        assert len(found) == len(true())
    assert importlib.metadata.packages_distributions is true
