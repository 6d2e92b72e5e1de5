"""Every conformance case, on the sandbox engine and, where it is on the PATH, on the real one."""

import pytest

from sandbox.engine.testing.cases import CASES
from sandbox.engine.testing.runners import check, compare, pulumi_command

pytestmark = pytest.mark.sandbox


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_sandbox(case, tmp_path):
    assert check(case, tmp_path) == []


if pulumi_command() is not None:

    @pytest.mark.slow
    @pytest.mark.parametrize("case", [case for case in CASES if not case.sandbox_only], ids=lambda case: case.id)
    def test_real(case, tmp_path):
        assert check(case, tmp_path, real=True) == []

    @pytest.mark.slow
    @pytest.mark.parametrize("case", [case for case in CASES if not case.sandbox_only], ids=lambda case: case.id)
    def test_both_make_the_same(case, tmp_path):
        assert compare(case, tmp_path) == []
