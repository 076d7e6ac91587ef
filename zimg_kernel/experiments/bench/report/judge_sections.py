"""Sections on what pictures show: prompts by items, lettering, the checklist, people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

from zimg_kernel.intervals import wilson_interval

from ..judge.lettering import Reading, lettering_scores, script_of
from ..judge.people import WANTED_RATERS, PeopleScores, people_scores, picture_files
from ..judge.pictures import ASKED, ITEM, READ
from ..result import Run
from .charts import Tradeoff, front_chart
from .pictures import matrix_of
from .table import NONE, Loaded, Section, Suites, Table, percent, short


def quality(loaded: Loaded) -> Section:
    """Return shares of items that pictures show, by complexity, language and group."""
    tables = [
        _share_table(loaded, "complexity", ("simple", "medium", "complex")),
        _share_table(loaded, "language", ("zh", "en")),
        _share_table(loaded, "group", ("simple", "text", "layout")),
        lettering_table(loaded),
        _learned_table(loaded),
    ]
    return Section(
        "quality",
        "Does the picture show what was asked for?",
        " ".join((
            "Each prompt has items that a judge can decide: objects, their number, places and "
            "colours on the miniature; lettering by optical character recognition; for full-size "
            "models shares of colours, and a CLIP and an aesthetic predictor where one is at hand.",
            *_not_at_hand(loaded))),
        ("A score by the complexity of the prompt", "Is lettering right, by language"),
        [table for table in tables if table is not None and table.rows],
        [front_chart("Time against quality", "seconds a picture", "share of items that are right",
                     tradeoffs(loaded))] if len(loaded.names) > 1 else [],
        [matrix_of(loaded, "Pictures and the share of their items that are right", most=16)],
    )  # fmt: skip


def items_of(run: Run) -> list[float]:
    """Return the verdicts on a run's items, 1 or 0."""
    return [value for name, value in run.values.items() if name.startswith(ITEM)]


def share_of(runs: Iterable[Run]) -> tuple[float, float, float, int] | None:
    """Return the share of items that are right, its 95 % interval, and how many there are."""
    verdicts = [value for run in runs for value in items_of(run)]
    if not verdicts:
        return None
    low, high = wilson_interval(sum(verdicts), len(verdicts))
    return fmean(verdicts), low, high, len(verdicts)


def spelled_share(found: tuple[float, float, float, int] | None) -> str:
    """Return ``95 % (90–98 %, n = 40)``."""
    if found is None:
        return NONE
    share, low, high, n = found
    return f"{percent(share)} ({100 * low:.0f}–{percent(high)}, n = {n})"


def share_columns(loaded: Loaded, cases: Sequence[str]) -> list[list[str]] | None:
    """Return each competitor's share of right items at each case, or None where none was judged."""
    columns = [
        [spelled_share(share_of(loaded.runs(name, case))) for case in cases]
        for name in loaded.names
    ]
    return columns if any(cell != NONE for column in columns for cell in column) else None


def _share_table(loaded: Loaded, fact: str, values: Sequence[str]) -> Table:
    facts = {case.name: case.facts.get(fact) for case in loaded.result.cases}
    rows = []
    for value in (*values, "all") if any(facts.values()) else ():
        cells = [spelled_share(share_of(
            run for run in loaded.runs(name) if value in ("all", facts.get(run.case))))
            for name in loaded.names]  # fmt: skip
        if any(cell != NONE for cell in cells):
            rows.append([value, *cells])
    return Table(f"Items that are right, by {fact} (95 %, Wilson)", [fact, *loaded.names], rows)


def readings(runs: Iterable[Run]) -> list[Reading]:
    """Return the lettering that a judge has read in these runs' pictures."""
    found = []
    for run in runs:
        if "characters" not in run.values:
            continue
        wanted, seen = run.notes.get(ASKED, ""), run.notes.get(READ, "")
        characters, edits = (int(run.values[name]) for name in ("characters", "edits"))
        found.append(Reading(wanted, seen, script_of(wanted), characters, edits))
    return found


def lettering_table(loaded: Loaded) -> Table | None:
    """Return character accuracy and edit distance by language, or None without lettering."""
    rows = []
    for name in loaded.names:
        for language, score in lettering_scores(readings(loaded.runs(name))).items():
            interval = f"{percent(score.accuracy)} ({100 * score.low:.0f}–{percent(score.high)})"
            rows.append([name, language, interval, f"{score.edits} of {score.characters}",
                         f"{score.whole} of {score.texts}"])  # fmt: skip
    heads = ["", "language", "characters right (95 %)", "edit distance", "texts without an error"]
    return Table("Lettering by optical character recognition", heads, rows) if rows else None


_LEARNED = {"clip": "agreement with the prompt by a CLIP", "aesthetic": "aesthetic mark, 1 to 10"}


def _learned_table(loaded: Loaded) -> Table | None:
    rows = []
    for name in loaded.names:
        scores = {one: [run.values[one] for run in loaded.runs(name) if one in run.values]
                  for one in _LEARNED}  # fmt: skip
        if any(scores.values()):
            rows.append([name, *(f"{short(fmean(found))} (n = {len(found)})" if found else NONE
                                 for found in scores.values())])  # fmt: skip
    return Table("Learned scores: means", ["", *_LEARNED.values()], rows)


def _not_at_hand(loaded: Loaded) -> list[str]:
    """Return why there are no learned scores, each sentence once."""
    runs = [run for name in loaded.names for run in loaded.runs(name)]
    return list(dict.fromkeys(run.notes[one] for one in _LEARNED for run in runs
                              if one in run.notes))  # fmt: skip


def tradeoffs(loaded: Loaded) -> list[Tradeoff]:
    """Return time against the share of right items, for each competitor."""
    found = []
    for name in loaded.names:
        runs = loaded.runs(name)
        share = share_of(runs)
        times = sorted(run.times["total"] for run in runs if "total" in run.times)
        if share is not None and times:
            middle = times[len(times) // 2]
            found.append(Tradeoff(name, middle, share[0], (share[1], share[2])))
    return found


def checklist(loaded: Loaded) -> Section:
    """Return each item of each prompt: right, wrong, or for people to judge."""
    rows = []
    for case in loaded.cases:
        runs = {name: loaded.runs(name, case) for name in loaded.names}
        items = dict.fromkeys(
            name.removeprefix(ITEM)
            for mine in runs.values()
            for run in mine
            for name in (*run.values, *run.notes)
            if name.startswith(ITEM)
        )
        for item in items:
            rows.append([case, item, *(_item(mine, item) for mine in runs.values())])
    shares = ["all", "", *(spelled_share(share_of(loaded.runs(name))) for name in loaded.names)]
    lettering = lettering_table(loaded)
    return Section(
        "checklist",
        "Instructions and lettering, item by item",
        "What reviewers check by eye: was the garment, the roof, the number, the place as asked, "
        "are the characters right and legible? A machine judges what it can; the rest is marked "
        "for people.",
        ("A checklist of one prompt: garment, roof, characters, legibility",
         "Four Chinese phrases, read right or not", "Numbers, places and relations"),
        [Table("✓ right, ✗ wrong, – not judged by a machine",
               ["prompt", "item", *loaded.names], [*rows, shares]),
         *([lettering] if lettering else [])],
        [],
        [matrix_of(loaded, "The pictures")],
    )  # fmt: skip


def _item(runs: Sequence[Run], item: str) -> str:
    name = ITEM + item
    verdicts = [run.values[name] for run in runs if name in run.values]
    seen = next((run.notes[name] for run in reversed(runs) if name in run.notes), "")
    if not verdicts:
        return f"{NONE} {seen}".strip()
    if len(verdicts) > 1 and 0 < sum(verdicts) < len(verdicts):
        return f"{sum(verdicts):.0f} of {len(verdicts)} ✓"
    return f"{'✓' if verdicts[0] else '✗'} {seen}".strip()


Grouping = Callable[[Loaded, Run], str | None]


def _by_fact(fact: str) -> Grouping:
    def group(loaded: Loaded, run: Run) -> str | None:
        case = next((one for one in loaded.result.cases if one.name == run.case), None)
        value = case.facts.get(fact) if case else None
        return f"{run.competitor}, {value}" if value else None

    return group


_GROUPINGS: dict[str, Grouping] = {
    "competitor": lambda _, run: run.competitor,
    "complexity": _by_fact("complexity"),
    "group": _by_fact("group"),
}


_KINDS = {"group": "kind of prompt"}


def rated(suites: Suites, grouping: str) -> PeopleScores | None:
    """Return what people gave to the pictures of all suites, by a grouping, or None."""
    group_of = _GROUPINGS[grouping]
    pictures = [
        (group, path)
        for loaded in suites.all
        for run, path in (picture_files(loaded.result, loaded.folder) if loaded.answers else ())
        if (group := group_of(loaded, run))
    ]
    answers = {(a.rater, a.item): a for loaded in suites.all for a in loaded.answers}
    return people_scores(pictures, list(answers.values())) if pictures else None


def people(suites: Suites) -> Section:
    """Return the blind ratings with means and agreement, or how to collect them."""
    tables = []
    for grouping in _GROUPINGS:
        found = rated(suites, grouping)
        if found is None:
            continue
        heads = [_KINDS.get(grouping, grouping), "ratings", "mean of 1–5 stars", "95 % of the mean"]
        rows = [[row["group"], str(row["raters"]), short(row["mean"]), _range(row)]
                for row in found.rows if row["raters"]]  # fmt: skip
        few = len(found.raters)
        notes = [f"{few} raters: {', '.join(found.raters)}.",
                 f"Agreement: Krippendorff's alpha {found.alpha:.2f} (ordinal; 1 is full "
                 "agreement, 0 what chance gives)."]  # fmt: skip
        if few < WANTED_RATERS:
            notes.append(f"{WANTED_RATERS} raters are wanted.")
        notes += found.unread
        tables.append(Table(f"Blind ratings by {heads[0]}", heads, rows, notes))
    return Section(
        "people",
        "Blind ratings by people",
        "Pictures in random order, without a word on what drew them."
        if tables
        else "There are no ratings yet. zimg_widgets.rate shows these pictures blind, in random "
        "order; the ratings lie beside the result, and the report shows them when it is made anew.",
        ("Scores of three raters", "Stars by model, by complexity and by kind of prompt"),
        tables,
    )


def _range(row: dict[str, float]) -> str:
    low, high = row["low"], row["high"]
    return NONE if low != low or high != high else f"{low:.2f}–{high:.2f}"
