"""What the engine's page says of the conformance cases is counted."""

from pathlib import Path

from sandbox.engine.testing.cases import CASES, never_seen

PAGE = Path(__file__).parents[4] / "docs" / "sandbox" / "engine.md"


def test_the_page_gives_the_numbers_as_they_are():
    text = PAGE.read_text()
    assert f"{len(CASES)} cases" in text
    assert f"({never_seen():.0%})" in text


def test_every_case_has_a_source_and_an_id_of_its_own():
    assert all(case.source for case in CASES)
    assert len({case.id for case in CASES}) == len(CASES)
    assert {case.area for case in CASES} == {"steps", "options", "values", "program", "policies", "state"}
