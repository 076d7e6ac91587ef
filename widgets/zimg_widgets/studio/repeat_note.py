"""Sentence beside Generate that says when it would draw a picture again."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from zimg_kernel import BadInput, GeneratedImage, GenerationParams, Job


class RepeatNote(ipywidgets.HTML):  # type: ignore[misc]
    """Shows the sentence while the form holds a seed and settings that were asked for before.

    Parameters
    ----------
    sentence : str
        What to say.
    read : callable
        Returns what the form says.
    """

    def __init__(self, sentence: str, read: Callable[[], GenerationParams]) -> None:
        super().__init__()
        self.add_class("zimg-studio-repeat")
        self._sentence = sentence
        self._read = read
        self._jobs: dict[str, Job] = {}  # waiting and running ones, by hash
        self._drawn: set[str] = set()  # hashes

    def note(self, params: GenerationParams, job: Job) -> None:
        """Remember what was on the form when a job was asked for."""
        self._jobs[params.replace(seed=job.params.seed).hash] = job

    def update(self, shown: GeneratedImage | None) -> None:
        """Compare the form with what was asked for and with the picture that is shown."""
        for key, job in list(self._jobs.items()):
            if job.finished:
                self._jobs.pop(key, None)
                if job.status == "done":
                    self._drawn.add(key)
        again = self._repeats(shown)
        self.value = f'<p role="status">{self._sentence}</p>' if again else ""

    def _repeats(self, shown: GeneratedImage | None) -> bool:
        try:
            params = self._read()
        except BadInput:
            return False
        if params.seed is None or params.seed < 0:
            return False
        if shown is not None and params == shown.params:
            return True
        return params.hash in self._drawn or params.hash in self._jobs
