from __future__ import annotations

import threading
import time

from ops.estate.reach import ask


def test_a_region_that_is_silent_is_not_waited_for_longer_than_patience():
    release = threading.Event()

    def question(name):
        if name == "silent":
            release.wait(60)
        if name == "refused":
            raise ConnectionError("no")
        return name.upper()

    found = {answer.region: answer for answer in ask(["refused", "silent", "well"], question, patience=1)}
    release.set()
    assert found["well"].value == "WELL"
    assert "ConnectionError: no" in found["refused"].fault
    assert "no answer 1 s after" in found["silent"].fault


def test_without_patience_every_region_is_waited_for():
    found = [answer.value for answer in ask(["a", "b"], lambda name: (time.sleep(0.1 if name == "a" else 0), name)[1])]
    assert sorted(found) == ["a", "b"]
