"""What one reader has not seen yet of a job's warnings and notes."""

from __future__ import annotations

from .job import Job


class JobMessages:
    """A reader's own place in the warnings and notes of a job.

    Parameters
    ----------
    job : Job
        The job.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._warnings = self._notes = 0

    def new_warnings(self) -> tuple[str, ...]:
        """Return the warnings that this reader has not got before."""
        found = self._job.warnings
        start, self._warnings = self._warnings, len(found)
        return found[start:]

    def new_notes(self) -> tuple[str, ...]:
        """Return the notes that this reader has not got before."""
        start, self._notes = self._notes, len(self._job.notes)
        return self._job.notes[start:]
