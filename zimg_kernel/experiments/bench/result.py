"""Result of a benchmark: what its JSON file holds, version 1.

What a machine could not tell is absent from the file (None here), never zero. Times are seconds,
memory is 10**9 bytes (GB), power W, energy J, temperature °C, clocks MHz. Names of ``times``,
``resources`` and ``values`` are explained in :data:`EXPLAINED`. ``BenchResult.model_json_schema()``
returns the file's JSON Schema.

Readers shall ignore fields that they do not know; ``version`` grows only where the meaning of a
field changes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1
FORMAT = "zimg-bench"

Status = Literal["ok", "broken", "failed", "out-of-memory", "timeout", "skipped"]

EXPLAINED = {
    # times of a run
    "load": "making the model ready again before this run, where it had to be: not part of total",
    "queue": "from the request until its turn came",
    "text_encoder": "prompt to embeddings",
    "transformer": "all denoising steps",
    "vae": "latents to pixels",
    "draw": "text encoder, transformer, VAE and what lies between them",
    "save": "from the finished pixels to the file on disk",
    "total": "from the request to the file on disk, by a clock of the process that asked",
    "picture": "total by the number of pictures",
    "server": "from begin to end as the server that drew it tells",
    "start": "start of a Python process, until its first line",
    "imports": "import of the package and of what drawing needs",
    "model_load": "weights from disk to the device",
    "first": "first picture after loading",
    "second": "second picture, warm",
    # resources of a run
    "ram_peak": "most RAM that the measuring process held, by samples, without other competitors",
    "ram_mean": "mean RAM that the measuring process held",
    "ram_end": "RAM that the measuring process held at the end of the run",
    "system_ram_free": "least RAM that the system had free",
    "cpu_share": "CPU time of the measuring process by the time of all cores, 0 to 1",
    "wait": "most time that a thread of the measuring process stood ready without a core (Linux)",
    "steps_cpu": "CPU time of the drawing thread in all its steps but the first",
    "steps_wait": "time in which it stood ready without a core meanwhile (Linux)",
    "steps_still": "time in which it did neither meanwhile: sleep, files, locks, other threads",
    "alone_cpu": "CPU time of some steps drawn once more, on one thread of a CPU, but of the first",
    "alone_wait": "time in which that thread stood ready without a core meanwhile (Linux)",
    "alone_still": "time in which it did neither meanwhile: sleep, files, locks",
    "alone_paced": "CPU time of such a step by that of a fixed calculation around it, median",
    "pace": "CPU time of that calculation",
    "torch_peak": "most memory that torch's tensors held on the device, without other competitors'",
    "torch_reserved": "most memory that torch's allocator held on the device",
    "gpu_memory_peak": "most memory in use on the card, without other competitors' models (NVML)",
    "gpu_share": "share of time in which a kernel ran on the card, 0 to 1 (NVML)",
    "power_mean": "mean power of the card (NVML)",
    "power_peak": "highest power of the card (NVML)",
    "energy_gpu": "energy of the card during the run (NVML)",
    "energy_cpu": "energy of the processor packages during the run (RAPL)",
    "temperature": "highest temperature of the card (NVML)",
    "clock_sm": "lowest clock of the card's multiprocessors (NVML)",
    "clock_memory": "lowest clock of the card's memory (NVML)",
    "gpu_processes": "other processes that used the card at the same time (NVML)",
    "reference": "the machine's pace: seconds of a fixed calculation just before and after the run",
    # values of a run
    "score": "share of the prompt's items that a picture shows, as its judge found",
    "characters": "characters of the lettering asked for",
    "edits": "edit distance of the lettering that was read to that asked for",
    "clip": "agreement of picture and prompt by a CLIP: 100 times the cosine",
    "aesthetic": "mean mark, 1 to 10, that people would give, as a predictor on a CLIP says",
    "psnr": "peak signal-to-noise ratio to the reference picture, dB",
    "ssim": "structural similarity to the reference picture, 1 for equal ones",
    "lpips": "learned perceptual distance to the reference picture (AlexNet), 0 for equal ones",
}
"""What each figure means, and how it was measured."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Case(_Part):
    """One thing that every competitor is asked for.

    Attributes
    ----------
    name : str
        Unique in the file, such as ``"1024x768"`` or ``"complex"``.
    params : dict
        Parameters of the request beside the model; open fields take the model's defaults.
    facts : dict
        What tables are grouped by, such as ``{"complexity": "medium", "language": "zh"}``.
    """

    name: str
    params: dict[str, Any] = Field(default_factory=dict)
    facts: dict[str, Any] = Field(default_factory=dict)


class CompetitorFacts(_Part):
    """Who took part, and what became of it.

    Attributes
    ----------
    name : str
        Unique in the file: ``"nano-turbo"``, ``"stock:nano-turbo"``, ``"comfyui:http://..."``.
    kind : str
        ``engine``, ``stock``, ``comfyui``, ``sd-cpp``, ``process``, ``notebook`` or ``device``.
    facts : dict
        Model, title, number format, weights' fingerprint, steps, memory of the weights
        (``weights_gb``), seconds to load (``load_s``), versions ...
    error : str or None
        Why it did not take part or was given up, in one sentence.
    """

    name: str
    kind: str
    facts: dict[str, Any] = Field(default_factory=dict)
    error: str | None = None


class Run(_Part):
    """One request of one competitor.

    Attributes
    ----------
    number : int
        Place in the order of execution, from 0; warm-ups count too.
    round : int
        Block that it belongs to, from 0; -1 for a warm-up.
    status : str
        ``ok``; ``broken``: there is a picture, and it is wrong (``error`` says how); or why there
        is none.
    params : dict
        The complete parameters, seed included.
    times : dict of str to float
        Seconds; see :data:`EXPLAINED`.
    steps : list of float
        Seconds of each denoising step; by events of the device on CUDA.
    resources, values : dict of str to float
        See :data:`EXPLAINED`; ``values`` holds what a suite or a judge measured beside it.
    notes : dict of str to str
        What a judge saw, by item.
    picture : str or None
        File of the first picture, relative to the result file.
    pixels : str or None
        Digest of its pixels.
    outlier : bool
        Whether its total lies far from the others of its competitor and case; see
        :func:`.statistics.outliers`. Outliers are marked, never left out.
    """

    number: int
    competitor: str
    case: str
    round: int
    warmup: bool = False
    started: datetime
    status: Status = "ok"
    error: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    pictures: int = 1
    times: dict[str, float] = Field(default_factory=dict)
    steps: list[float] = Field(default_factory=list)
    resources: dict[str, float] = Field(default_factory=dict)
    values: dict[str, float] = Field(default_factory=dict)
    notes: dict[str, str] = Field(default_factory=dict)
    picture: str | None = None
    pixels: str | None = None
    outlier: bool = False


class Estimate(_Part):
    """Median of the measured runs with the 95 % interval of :func:`.statistics.estimate`.

    Attributes
    ----------
    low, high : float or None
        Ends of the interval; None for fewer than three values.
    least, most : float
        Range of the values.
    """

    n: int
    median: float
    low: float | None = None
    high: float | None = None
    least: float
    most: float


class Row(_Part):
    """Summary of one competitor at one case; warm-ups are left out.

    Attributes
    ----------
    figures : dict of str to Estimate
        By the names of :data:`EXPLAINED`, and ``step`` for single steps.
    statuses : dict of str to int
        How many runs ended how.
    outliers : int
        How many of the runs are marked.
    """

    competitor: str
    case: str
    facts: dict[str, Any] = Field(default_factory=dict)
    figures: dict[str, Estimate] = Field(default_factory=dict)
    statuses: dict[str, int] = Field(default_factory=dict)
    outliers: int = 0


class Finding(_Part):
    """Something that the figures show.

    Attributes
    ----------
    kind : str
        Stable name, such as ``memory-leak``, ``slower-with-time``, ``memory-ends``,
        ``broken-picture``, ``no-answer``, ``competitor-failed``, ``not-repeatable``,
        ``no-gpu``, ``other-processes``, ``steady``.
    level : str
        ``fact``, ``warning`` or ``fault``.
    text : str
        One sentence.
    values : dict
        The figures behind it.
    """

    kind: str
    level: Literal["fact", "warning", "fault"] = "fact"
    text: str
    competitor: str | None = None
    case: str | None = None
    values: dict[str, Any] = Field(default_factory=dict)


class Sample(_Part):
    """What the sampler saw at one moment.

    Attributes
    ----------
    at : float
        Seconds since the benchmark began.
    values : dict of str to float
        ``ram``, ``gpu_memory``, ``power``, ``temperature``, ``clock_sm``, ``cpu_share``.
    """

    at: float
    values: dict[str, float] = Field(default_factory=dict)


class BenchResult(_Part):
    """One benchmark: one suite, some competitors, one machine.

    Attributes
    ----------
    settings : dict
        ``rounds``, ``warmup``, ``seed``, ``pause``, ``time_limit`` and the suite's own.
    command : str
        The command that makes such a file again.
    environment : dict
        Hardware, driver, versions, load before the start.
    complete : bool
        False for a file of a benchmark that was stopped; the same command goes on.
    samples : list of Sample
        Resources over time, thinned out to 600.
    attachments : dict of str to str
        Files beside this one, such as ratings, by what they are.
    """

    format: Literal["zimg-bench"] = "zimg-bench"
    version: int = VERSION
    suite: str
    created: datetime
    seconds: float = 0.0
    complete: bool = False
    command: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    environment: dict[str, Any] = Field(default_factory=dict)
    competitors: list[CompetitorFacts] = Field(default_factory=list)
    cases: list[Case] = Field(default_factory=list)
    runs: list[Run] = Field(default_factory=list)
    rows: list[Row] = Field(default_factory=list)
    findings: list[Finding] = Field(default_factory=list)
    samples: list[Sample] = Field(default_factory=list)
    attachments: dict[str, str] = Field(default_factory=dict)
