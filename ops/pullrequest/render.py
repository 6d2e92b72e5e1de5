"""A comment that fits: what a reviewer must see first, then as much as there is room for, and a count of the rest.

The pieces are whole lines or whole blocks. They are taken in the order of their importance until the room is used,
and written in the order of reading; what was not taken is counted where it would have stood.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ops.pullrequest.marker import Marker
from ops.pullrequest.model import IMPORTANCE, SIGNS, Change, CostChange, Judgement, Note, Past, Preview
from ops.pullrequest.text import code, fence, prose

FEW: Final = 300
"""Changes that all fit into `ROOM_FOR_FEW`."""
ROOM_FOR_FEW: Final = 30_000
"""Characters; a comment at Bitbucket may have 32,768."""
ROOM: Final = 60_000
"""Characters; a comment at GitHub may have 65,536."""
_RESERVE: Final = 140
"""Characters kept for each place where something may have to be counted instead of shown."""
_NAMED: Final = 12
"""Losses that the headline names; the rows below have all of them."""
_VERBS: Final = {"create": "create", "update": "update", "replace": "replace", "delete": "delete", "import": "import"}


@dataclass
class _Piece:
    """Lines that are shown together or not at all."""

    rank: tuple[int, int]
    lines: list[str]
    what: str
    """What is counted where the piece is left out."""
    shown: bool = False

    @property
    def size(self) -> int:
        return sum(len(line) + 1 for line in self.lines)


@dataclass
class _Section:
    """A heading, pieces below it, and a line that counts what is missing."""

    head: list[str]
    pieces: list[_Piece]
    tail: list[str]
    plural: str

    def lines(self) -> Iterator[str]:
        shown = [piece for piece in self.pieces if piece.shown]
        hidden = Counter(piece.what for piece in self.pieces if not piece.shown)
        if shown:
            yield from self.head
            for piece in shown:
                yield from piece.lines
            yield from self.tail
        if hidden:
            kinds = ", ".join(f"{number} {what}".strip() for what, number in hidden.items())
            yield f"_{sum(hidden.values())} {self.plural} not shown for want of room ({kinds}); the log has all._"
            yield ""


def room_for(note: Note) -> int:
    """How many characters a note may take where nobody says otherwise."""
    return ROOM_FOR_FEW if sum(len(one.changes) for one in note.previews) <= FEW else ROOM


def render(note: Note, *, key: str = "default", room: int | None = None) -> str:
    """The comment's text, at most `room` characters long (4,000 at least)."""
    room = max(4_000, room or room_for(note))
    marker = Marker(
        key=key, commit=note.commit, order=note.order, at=note.at, told=_told(note.previews), history=note.history
    )
    top = [marker.line(), *_headline(note), *_table(note.previews)]
    bottom = [*_history(note.history), *_foot(note)]
    sections = [section for preview in note.previews for section in _sections(preview, many=len(note.previews) > 1)]
    left = room - sum(len(line) + 1 for line in (*top, *bottom)) - _RESERVE * len(sections)
    _choose(sections, left)
    lines = [*top, *(line for section in sections for line in section.lines()), *bottom]
    return "\n".join(lines).rstrip() + "\n"


def _choose(sections: Sequence[_Section], left: int) -> None:
    """Take pieces by importance while there is room."""
    opened: set[int] = set()
    ranked = sorted(
        ((piece.rank, index, piece) for index, section in enumerate(sections) for piece in section.pieces),
        key=lambda one: (one[0], one[1]),
    )
    for _, index, piece in ranked:
        section = sections[index]
        opening = 0 if index in opened else sum(len(line) + 1 for line in (*section.head, *section.tail))
        if piece.size + opening <= left:
            piece.shown = True
            opened.add(index)
            left -= piece.size + opening


def _told(previews: Sequence[Preview]) -> str:
    """The tally of all stacks in a line."""
    counts: Counter[str] = Counter()
    for preview in previews:
        counts.update(preview.tally())
    told = ", ".join(f"{counts[op]} to {_VERBS[op]}" for op in IMPORTANCE if counts.get(op) and op in _VERBS)
    mandatory = sum(len(one.resources) or 1 for one in _findings(previews, "mandatory"))
    failed = [preview.stack for preview in previews if preview.errors]
    parts = [told or "no changes"]
    if mandatory:
        parts.append(f"{mandatory} mandatory finding{'s' if mandatory > 1 else ''}")
    if failed:
        parts.append(f"failed: {', '.join(failed)}")
    return "; ".join(parts)


def _findings(previews: Sequence[Preview], level: str) -> list[Judgement]:
    return [one for preview in previews for one in preview.findings if one.level == level]


def _headline(note: Note) -> Iterator[str]:
    """Within the first ten lines: the tally, and what holds data and would be lost."""
    yield f"### Preview of {code(note.commit[:12])}: {prose(_told(note.previews))}"
    lost = [(preview, change) for preview in note.previews for change in preview.changes if change.holds_data]
    if lost:
        named = "; ".join(_loss(preview, change) for preview, change in lost[:_NAMED])
        more = f"; and {len(lost) - _NAMED} more, in the rows below" if len(lost) > _NAMED else ""
        what = "resource that holds data" if len(lost) == 1 else "resources that hold data"
        yield "> [!CAUTION]"
        yield f"> **{len(lost)} {what} would be replaced or deleted:** {named}{more}"
    yield ""


def _loss(preview: Preview, change: Change) -> str:
    why = f" for {code(', '.join(change.forcing[:3]))}" if change.op == "replace" and change.forcing else ""
    return f"{code(SIGNS[change.op])} {code(change.name)} ({prose(preview.stack)}, {code(_short(change.type))}{why})"


def _table(previews: Sequence[Preview]) -> Iterator[str]:
    """A row a stack."""
    yield "| stack | replace | delete | update | create | unchanged | findings | cost a month |"
    yield "|---|--:|--:|--:|--:|--:|---|--:|"
    for preview in previews:
        tally = preview.tally()
        cells = [str(tally.get(op, 0) or "") for op in ("replace", "delete", "update", "create")]
        state = "failed" if preview.errors else _finding_counts(preview)
        yield (
            f"| **{prose(preview.stack)}** | {' | '.join(cells)} | {preview.unchanged or ''} "
            f"| {state} | {_cost(preview.cost)} |"
        )
    yield ""


def _finding_counts(preview: Preview) -> str:
    counts = Counter(one.level for one in preview.findings for _ in one.resources or ("",))
    order = ("mandatory", "remediated", "advisory")
    return ", ".join(f"**{counts[one]}** {one}" for one in order if counts[one]) or "none"


def _cost(cost: CostChange | None) -> str:
    if cost is None:
        return "not estimated"
    change = cost.after - cost.before
    sign = "+" if change > 0 else "-" if change < 0 else "±"
    return f"{sign}${abs(change):,.2f} (${cost.before:,.2f} → ${cost.after:,.2f})"


def _sections(preview: Preview, *, many: bool) -> Iterator[_Section]:
    title = f"{prose(preview.stack)}: " if many else ""
    if preview.errors:
        yield _Section(
            head=[f"#### {title}errors", ""],
            pieces=[_Piece((0, 0), [f"- {prose(error, 500)}"], "errors") for error in preview.errors],
            tail=[""],
            plural="errors",
        )
    blocking = [one for one in preview.findings if one.level != "advisory"]
    if blocking:
        yield _judgements(f"#### {title}findings", blocking, rank=1, folded=False)
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in preview.changes:
        groups.setdefault((change.region, change.layer), []).append(change)
    for (region, layer), changes in sorted(groups.items()):
        yield _group(f"{title}{prose(region)}, {prose(layer)}", changes)
    alike: dict[tuple[str, tuple[str, ...]], list[Change]] = {}
    for change in sorted(preview.changes, key=lambda one: (_weight(one), one.region, one.type, one.name)):
        if change.diff:
            alike.setdefault((change.op, change.diff), []).append(change)
    if alike:
        yield _Section(
            head=[f"<details><summary>{title}diffs of {sum(map(len, alike.values()))} resources</summary>", ""],
            pieces=[
                _Piece((5, _weight(several[0])), fence([*_named(several), *diff]), f"of {op}s")
                for (op, diff), several in alike.items()
            ],
            tail=["</details>", ""],
            plural="diffs",
        )
    advice = [one for one in preview.findings if one.level == "advisory"]
    if advice:
        yield _judgements(f"{title}advisory findings of {len(advice)} policies", advice, rank=4, folded=True)


def _named(several: Sequence[Change]) -> list[str]:
    """The heads of a diff that resources have in common, a line each."""
    return [f"@@ {SIGNS[change.op]} {_short(change.type)} {change.name} @@" for change in several]


def _group(title: str, changes: Sequence[Change]) -> _Section:
    counts = Counter(change.op for change in changes)
    tally = " ".join(f"{SIGNS[op]}{counts[op]}" for op in IMPORTANCE if counts.get(op))
    return _Section(
        head=[f"<details open><summary>{title}: {tally}</summary>", "", "||resource|name|what|", "|-|-|-|-|"],
        pieces=[
            _Piece((2 if change.op != "create" else 3, _weight(change)), [_row(change)], f"to {change.op}")
            for change in sorted(changes, key=lambda one: (_weight(one), one.type, one.name))
        ],
        tail=["", "</details>", ""],
        plural="rows",
    )


def _row(change: Change) -> str:
    if change.forcing and change.op == "replace":
        what = f"**{'holds data; ' if change.holds_data else ''}for** {code(', '.join(change.forcing[:4]))}"
    elif change.holds_data:
        what = "**holds data**"
    else:
        more = f" and {len(change.touched) - 4} more" if len(change.touched) > 4 else ""
        what = f"{code(', '.join(change.touched[:4]))}{more}"
    return f"|{SIGNS[change.op]}|{_short(change.type)}|{code(change.name)}|{what}|"


def _weight(change: Change) -> int:
    return 0 if change.holds_data else 1 + IMPORTANCE.index(change.op)


def _short(type_: str) -> str:
    """`aws:dynamodb/table:Table` as `dynamodb.Table`; other packages keep their name."""
    package, _, rest = type_.partition(":")
    module, _, name = rest.rpartition(":")
    short = f"{module.partition('/')[0]}.{name}" if module else name
    return short if package == "aws" else f"{package}.{short}"


def _judgements(title: str, found: Sequence[Judgement], *, rank: int, folded: bool) -> _Section:
    pieces = []
    for number, one in enumerate(found):
        names = ", ".join(code(name) for name in one.resources[:5])
        more = f" and {len(one.resources) - 5} more" if len(one.resources) > 5 else ""
        pieces.append(
            _Piece(
                (rank, number), [f"- **{one.level}** {code(one.policy)} {names}{more}: {prose(one.message)}"], one.level
            )
        )
    if folded:
        return _Section(
            head=[f"<details><summary>{title}</summary>", ""],
            pieces=pieces,
            tail=["", "</details>", ""],
            plural="findings",
        )
    return _Section(head=[title, ""], pieces=pieces, tail=[""], plural="findings")


def _history(history: Sequence[Past]) -> Iterator[str]:
    if history:
        yield f"<details><summary>earlier commits of this pull request: {len(history)}</summary>"
        yield ""
        yield "|commit|when (UTC)|preview|"
        yield "|-|-|-|"
        for past in history:
            yield f"|{code(past.commit[:12])}|{prose(past.at)}|{prose(past.told)}|"
        yield ""
        yield "</details>"
        yield ""


def _foot(note: Note) -> Iterator[str]:
    link = f" · [full log]({note.log_url})" if note.log_url.startswith(("https://", "http://")) else ""
    yield f"<sub>{prose(note.at)}{link} · written by `holdfast pr-comment`, replaced by the next commit's</sub>"
