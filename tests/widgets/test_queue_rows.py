"""Rows of the Studio's queue: the first of very many, and how many more there are."""

from __future__ import annotations

from datetime import UTC, datetime

from zimg_kernel import GenerationParams, Job
from zimg_kernel.engine.events import Queued, Started
from zimg_kernel.engine.queue_entry import Interrupted
from zimg_kernel.engine.session_entries import Request
from zimg_widgets._shared.job_status import interrupted_rows, job_status, queue_rows
from zimg_widgets.studio.queue.labels import LABELS
from zimg_widgets.studio.stage.labels import LABELS as STAGE

PARAMS = GenerationParams(prompt="a red circle", seed=1)


def test_of_very_many_requests_the_first_ones_are_listed() -> None:
    words = {name: english for name, (english, _) in LABELS.items()}
    requests = [Request(Job(PARAMS)) for _ in range(10_000)]
    rows = queue_rows(requests, words)
    assert [row["id"] for row in rows[:-1]] == [request.job.id for request in requests[:100]]
    assert rows[-1]["prompt"] == "and 9900 more"
    assert len(queue_rows(requests[:100], words)) == 100
    left = [Interrupted(str(i), PARAMS, datetime.now(UTC)) for i in range(101)]
    assert interrupted_rows(left, words)[-1]["prompt"] == "and 1 more"


def test_a_job_that_began_after_the_list_was_read_is_shown_as_running() -> None:
    job = Job(PARAMS)
    job.report(Queued(ahead=0))
    job.report(Started())
    state, _ = job_status([], Request(job, began=1.0), words_of_the_stage(), "en")
    assert (state["status"], state["prompt"]) == ("loading", PARAMS.prompt)


def words_of_the_stage() -> dict[str, str]:
    return {name: english for name, (english, _) in STAGE.items()}
