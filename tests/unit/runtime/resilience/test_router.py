"""The router as a state machine: regions come and go, and writes never go where they may not."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from holdfast._attempt import GET_ITEM, PUT_ITEM, Call
from holdfast.resilience.flags import Flag
from holdfast.resilience.policy import BreakerPolicy, Policy, RoutingPolicy
from holdfast.resilience.router import Router
from holdfast.topology import Region

NAMES = ["us-east-1", "us-west-2", "eu-west-1"]
PLACES = st.integers(0, 2)


class RouterMachine(RuleBasedStateMachine):
    @initialize(watched=st.booleans())
    def begin(self, watched):
        self.now = 1000.0
        policy = Policy(
            breaker=BreakerPolicy(reset_seconds=10, failure_threshold=1),
            routing=RoutingPolicy(failover=True, failback_seconds=4, drain_seconds=2),
        )
        regions = [Region(name=name) for name in NAMES]
        self.router = Router(regions, policy, wall=lambda: self.now, random=lambda: 0.5, watched=watched)
        self.epoch = 0
        self.flagged = {}
        self.well_since = dict.fromkeys(NAMES, self.now)
        self.written_since = {NAMES[0]: set(), NAMES[1]: {NAMES[0]}, NAMES[2]: {NAMES[0]}}
        """By region, where writes went since they went to it."""
        self.owed = {name: set(sources) for name, sources in self.written_since.items()}
        """Of these, whose writes are not proven to have arrived."""
        self.answers_since = dict.fromkeys(NAMES, 0.0)

    @rule(seconds=st.sampled_from([0.05, 0.5, 2.0, 5.0, 11.0]))
    def wait(self, seconds):
        self.now += seconds

    @rule(place=PLACES, write=st.booleans())
    def lose(self, place, write):
        state = self.router.states[place]
        breaker = state.write if write else state.read
        if breaker.closed:
            breaker.failed(breaker.admit(self.now), self.now)
            self._lost(state)

    def _lost(self, state):
        self.router.lost(state)
        self.owed[state.name] = set(self.written_since[state.name])

    @rule(place=PLACES)
    def recover(self, place):
        state = self.router.states[place]
        for breaker in (state.read, state.write):
            if breaker.due(self.now):
                breaker.succeeded(breaker.admit(self.now), self.now)
        if state.healthy:
            self.well_since[state.name] = self.now

    @precondition(lambda self: self.router.watched)
    @rule(place=PLACES, silent=st.booleans())
    def hear(self, place, silent):
        """As the watch tells of its questions."""
        state = self.router.states[place]
        if silent and not state.silent:
            self._lost(state)
        elif state.silent and not silent:
            self.answers_since[state.name] = self.now
        state.heard(self.now, ill=silent)

    @rule(place=PLACES)
    def prove(self, place):
        for source, state in self.router.awaiting_proof():
            if state is self.router.states[place]:
                assert source.name in self.owed[state.name]
                self.router.caught_up(source, state)
                self.owed[state.name].discard(source.name)

    @rule(place=PLACES, evacuated=st.booleans(), seconds=st.sampled_from([None, 3.0, 20.0]))
    def flag(self, place, evacuated, seconds):
        self.epoch += 1
        expires = None if seconds is None else self.now + seconds
        flag = Flag(region=NAMES[place], evacuated=evacuated, epoch=self.epoch, expires=expires)
        self.router.flags.learn([flag])
        self.flagged[NAMES[place]] = flag

    @rule(place=PLACES)
    def an_old_copy_of_a_flag_changes_nothing(self, place):
        before = self.router.flags.flag(NAMES[place])
        self.router.flags.learn([Flag(region=NAMES[place], evacuated=True, epoch=0)])
        if before is not None:
            assert self.router.flags.flag(NAMES[place]) == before
        else:
            self.flagged[NAMES[place]] = self.router.flags.flag(NAMES[place])

    def _evacuated(self, name):
        flagged = {n for n, flag in self.flagged.items() if flag is not None and flag.holds(self.now)}
        return name in flagged and len(flagged) < 3

    @rule()
    def write(self):
        before = self.router.writer
        serves = before.healthy
        usable_before = not self._evacuated(before.name) and serves
        target = self.router.write_target(self.now)
        assert target is self.router.writer
        usable = [
            state
            for state in self.router.states
            if not self._evacuated(state.name) and state.healthy and not state.silent
        ]
        silent = any(state.silent and state.healthy and not self._evacuated(state.name) for state in self.router.states)
        long_back = [state for state in usable if self.now >= state.well_since + 2.0]
        if long_back or (usable and not silent and not serves):
            dead = self._evacuated(target.name) or not (
                target.healthy
                or (not self.router.watched and (target.read.due(self.now) or target.write.due(self.now)))
            )
            assert not dead, "writes go to a region that is lost or evacuated while another is well"
        if target is not before:
            assert not target.silent, "writes went to a region that does not answer"
        if target is not before and usable_before:
            places = [state.name for state in self.router.states]
            assert places.index(target.name) < places.index(before.name), "writes left a region that is well"
            if self.router.watched:
                since = max(1000.0, self.answers_since[target.name])
                assert self.now >= since + 2.0, "writes went back before what was held up can have arrived"
                assert not self.owed[target.name], "writes went back before what was written elsewhere had arrived"
        if target is not before:
            for name in NAMES:
                self.written_since[name] = set() if name == target.name else self.written_since[name] | {target.name}
            self.owed = {name: set(sources) for name, sources in self.written_since.items()}

    @rule(strong=st.booleans())
    def read(self, strong):
        request = {"Key": {}, **({"ConsistentRead": True} if strong else {})}
        call = Call(GET_ITEM, request, "items")
        assert self.router.bound(call) == strong
        assert self.router.bound(Call(PUT_ITEM, {}, "items"))
        for state in self.router.readable(self.now, {}):
            assert not self._evacuated(state.name)

    @invariant()
    def someone_is_always_the_writer(self):
        if hasattr(self, "router"):
            assert self.router.writer in self.router.states


TestRouterMachine = RouterMachine.TestCase
TestRouterMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def router(**routing):
    policy = Policy(breaker=BreakerPolicy(failure_threshold=1), routing=RoutingPolicy(failover=True, **routing))
    regions = [Region(name=name) for name in NAMES]
    return Router(
        regions, policy, wall=lambda: 0.0, random=lambda: 0.5, strong_tables=frozenset({"strong"}), watched=True
    )


def test_a_flag_moves_writes_at_once_and_its_end_brings_them_back_with_proof():
    made = router(failback_seconds=0.0, drain_seconds=0.0)
    made.flags.learn([Flag(region=NAMES[0], evacuated=True, epoch=1)])
    assert made.write_target(0.0).name == NAMES[1]
    made.flags.learn([Flag(region=NAMES[0], evacuated=False, epoch=2)])
    assert made.write_target(1.0).name == NAMES[1], "not before it is proven that it has received the writes"
    made.caught_up(made.states[1], made.states[0])
    assert made.write_target(2.0).name == NAMES[0]


def twice_away(made):
    """Writes go from the first region to the third, then to the second; no flag is left."""
    for epoch, flagged in enumerate([NAMES[:2], NAMES[::2], []], start=1):
        made.flags.learn([Flag(region=name, evacuated=name in flagged, epoch=epoch) for name in NAMES])
        made.write_target(float(epoch))
    assert made.writer.name == NAMES[1]


def test_a_return_waits_for_every_region_written_to_since_the_one_written_to_now_last():
    made = router(failback_seconds=0.0, drain_seconds=0.0)
    twice_away(made)
    home, second, third = made.states
    assert made.awaiting_proof() == [(third, home)]
    made.caught_up(third, home)
    assert made.awaiting_proof() == [(second, home)], "last, for it is being written to"
    assert made.write_target(4.0) is second
    made.caught_up(second, home)
    assert made.awaiting_proof() == []
    assert made.write_target(5.0) is home


def test_what_was_written_before_a_region_was_the_writer_is_not_asked_for_again():
    made = router(failback_seconds=0.0, drain_seconds=0.0)
    twice_away(made)
    home, second, third = made.states
    made.caught_up(third, home)
    made.caught_up(second, home)
    assert made.write_target(5.0) is home
    made.flags.learn([Flag(region=NAMES[0], evacuated=True, epoch=9)])
    assert made.write_target(6.0) is second
    made.flags.learn([Flag(region=NAMES[0], evacuated=False, epoch=10)])
    assert made.awaiting_proof() == [(second, home)]


def test_a_region_that_was_lost_again_is_proven_anew_by_all():
    made = router(failback_seconds=0.0, drain_seconds=0.0)
    twice_away(made)
    home, second, third = made.states
    made.caught_up(third, home)
    made.lost(home)
    made.caught_up(second, home)
    assert made.awaiting_proof() == [(third, home)]
    assert made.write_target(5.0) is second


def test_writes_that_must_leave_pass_by_a_region_that_has_just_come_back():
    made = router(drain_seconds=2.0)
    second = made.states[1]
    second.write.failed(second.write.admit(0.0), 0.0)
    second.write.succeeded(second.write.admit(100.0), 100.0)
    assert second.healthy
    made.flags.learn([Flag(region=NAMES[0], evacuated=True, epoch=1)])
    assert made.write_target(101.0).name == NAMES[2], "what was held back from the second may still be on its way there"


def test_writes_that_must_leave_pass_by_a_region_that_does_not_answer_the_watch():
    made = router(drain_seconds=2.0)
    made.states[1].silent = True
    made.flags.learn([Flag(region=NAMES[0], evacuated=True, epoch=1)])
    assert made.write_target(101.0).name == NAMES[2]


def test_the_wait_for_a_return_begins_when_the_region_answers():
    made = router(failback_seconds=0.0, drain_seconds=2.0)
    home = made.states[0]
    made.flags.learn([Flag(region=NAMES[0], evacuated=True, epoch=1)])
    assert made.write_target(0.0).name == NAMES[1]
    home.silent = True
    made.flags.learn([Flag(region=NAMES[0], evacuated=False, epoch=2)])
    assert made.write_target(1.0).name == NAMES[1]
    home.silent = False
    made.caught_up(made.states[1], home)
    assert made.write_target(10.0).name == NAMES[1], "what it was not sent in its silence may still be on its way"
    assert made.write_target(12.0).name == NAMES[0]


def away(state, *, since, until):
    """The region did not answer the watch, though no circuit opened."""
    state.heard(since, ill=True)
    state.heard(until, ill=False)


def test_writes_that_must_leave_pass_by_a_region_that_has_just_answered_after_a_long_silence():
    made = router(drain_seconds=2.0)
    away(made.states[1], since=90.0, until=100.0)
    made.flags.learn([Flag(region=NAMES[0], evacuated=True, epoch=1)])
    assert made.write_target(101.0).name == NAMES[2]


def test_a_silence_of_moments_holds_nothing_back():
    made = router(drain_seconds=2.0)
    away(made.states[1], since=99.5, until=100.0)
    made.flags.learn([Flag(region=NAMES[0], evacuated=True, epoch=1)])
    assert made.write_target(101.0).name == NAMES[1]


def test_writes_wait_for_a_silent_region_before_they_go_to_one_that_has_just_come_back():
    made = router(drain_seconds=2.0)
    made.states[1].heard(99.0, ill=True)
    made.states[2].write.closed_at = 100.5
    made.flags.learn([Flag(region=NAMES[0], evacuated=True, epoch=1)])
    assert made.write_target(101.0).name == NAMES[0], "nobody else can be sure to have everything"
    assert made.write_target(103.0).name == NAMES[2], "but for as long as it takes to receive it, no longer"


def test_a_silent_region_is_taken_when_it_answers():
    made = router(drain_seconds=2.0)
    made.states[1].heard(100.0, ill=True)
    made.states[2].write.closed_at = 100.5
    made.flags.learn([Flag(region=NAMES[0], evacuated=True, epoch=1)])
    assert made.write_target(101.0).name == NAMES[0]
    made.states[1].heard(101.1, ill=False)
    assert made.write_target(101.1).name == NAMES[1]


def test_a_region_that_has_been_back_for_long_enough_is_taken_in_its_turn():
    made = router(drain_seconds=2.0)
    made.states[1].write.closed_at = 98.5
    made.flags.learn([Flag(region=NAMES[0], evacuated=True, epoch=1)])
    assert made.write_target(101.0).name == NAMES[1]


def test_where_no_other_is_left_one_that_has_just_come_back_is_taken():
    made = router(drain_seconds=2.0)
    made.states[1].write.closed_at = 100.5
    home = made.states[0]
    home.write.failed(home.write.admit(100.9), 100.9)
    made.flags.learn([Flag(region=NAMES[2], evacuated=True, epoch=1)])
    assert made.write_target(101.0).name == NAMES[1]


def test_a_flagged_writer_that_is_well_stays_until_the_only_other_has_received_its_backlog():
    made = router(drain_seconds=2.0)
    made.states[1].write.closed_at = 100.5
    made.flags.learn([Flag(region=name, evacuated=True, epoch=1) for name in (NAMES[0], NAMES[2])])
    assert made.write_target(101.0).name == NAMES[0]
    assert made.write_target(102.6).name == NAMES[1]


def test_when_every_region_is_flagged_no_flag_holds():
    made = router()
    made.flags.learn([Flag(region=name, evacuated=True, epoch=1) for name in NAMES])
    assert made.write_target(0.0).name == NAMES[0]


def test_strong_tables_read_consistently_anywhere():
    made = router()
    request = {"Key": {}, "ConsistentRead": True}
    assert not made.bound(Call(GET_ITEM, request, "strong"))
    assert made.bound(Call(GET_ITEM, request, "eventual"))


def test_a_handover_waits_for_the_last_write_elsewhere():
    made = router(handover_seconds=0.1)
    made.last_write[NAMES[0]] = 5.0
    assert (
        made.handover_wait(made.states[1], 5.04) == 0.06 or abs(made.handover_wait(made.states[1], 5.04) - 0.06) < 1e-9
    )
    assert made.handover_wait(made.states[0], 5.04) <= 0.0
