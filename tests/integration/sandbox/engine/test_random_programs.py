"""Random programs, one after the other on the same stack: whatever changed, the stack becomes what the program says.

A run costs a process that imports the SDK, however small its program: each program holds several groups of things that
know nothing of each other, and each group makes a history of its own.
"""

import random

import pytest

from sandbox.engine.statefile import verify

pytestmark = pytest.mark.sandbox


def random_group(chance, before, prefix):
    """Things that depend on earlier ones in one of four ways; most stay as they were before."""
    things = {}
    count = chance.randint(3, 9)
    for number in range(count):
        name = f"{prefix}{number}"
        old = before.get(name)
        if old is not None and chance.random() < 0.5 and all(need in things for need in old["needs"]):
            things[name] = dict(old)
            continue
        things[name] = {
            "size": chance.randint(1, 3),
            "key": chance.randint(1, 2),
            "first": chance.random() < 0.4,
            "box": chance.choice([None, "x", "y"]),
            "needs": {
                need: chance.choice(["plain", "key", "depends", "with"])
                for need in chance.sample(list(things), min(len(things), chance.randint(0, 2)))
            },
        }
    gone = chance.choice([*things, None, None])
    if gone is not None and not any(gone in thing["needs"] for thing in things.values()):
        del things[gone]
    return things


def random_program(chance, before, groups):
    """Several groups of things in one program; `before` holds the groups of the last one."""
    return {prefix: random_group(chance, before.get(prefix, {}), prefix) for prefix in "abcdef"[:groups]}


def render(things):
    lines = ['p = Provider("p")']
    lines += [f'{box} = Box("{box}", ResourceOptions(providers=[p]))' for box in "xy"]
    for name, thing in things.items():
        props = [f"size={thing['size']}", f"key={thing['key']}", f"first={thing['first']}"]
        options = [f"parent={thing['box']}"] if thing["box"] else ["provider=p"]
        depends = []
        for need, how in thing["needs"].items():
            if how == "plain":
                props.append(f"plain_{need}={need}.serial")
            elif how == "key":
                props.append(f"key_{need}={need}.serial")
            elif how == "depends":
                depends.append(need)
            else:
                depends.append(need)
                options = [option for option in options if not option.startswith("deleted_with")]
                options.append(f"deleted_with={need}")
        if depends:
            options.append(f"depends_on=[{', '.join(depends)}]")
        lines.append(f'{name} = Thing("{name}", ResourceOptions({", ".join(options)}), {", ".join(props)})')
    return "\n".join(lines) + "\n"


def follow(stack, seed, *, turns, groups):
    chance = random.Random(seed)  # noqa: S311 - programs, not secrets
    program = {}
    for _ in range(turns):
        program = random_program(chance, program, groups)
        things = {name: thing for group in program.values() for name, thing in group.items()}
        body = render(things)
        stack.write(body)
        planned = stack.engine().preview()
        assert planned.ok, (seed, planned.diagnostics, body)
        outcome = stack.engine().up()
        assert outcome.ok, (seed, outcome.diagnostics, body)
        deployment = stack.state.load()
        verify(deployment)
        assert deployment.operations == []
        made = {state.name: state for state in deployment.resources if state.type == "test:index:Thing"}
        assert sorted(made) == sorted(things), (seed, body)
        assert not any(state.delete or state.pending_replacement for state in deployment.resources)
        assert {name: (state.inputs["size"], state.inputs["key"]) for name, state in made.items()} == {
            name: (thing["size"], thing["key"]) for name, thing in things.items()
        }
        for name, thing in things.items():
            for need, how in thing["needs"].items():
                if how in ("plain", "key"):
                    assert made[name].inputs[f"{how}_{need}"] == made[need].outputs["serial"], (seed, body)
        again = stack.engine().up()
        assert (again.ok, again.changes) == (True, 0), (seed, [(s.op, s.name) for s in again.steps], body)
        kept = {state.id for state in made.values()}
        assert kept <= set(stack.host.world.objects), (seed, body)


def test_a_stack_follows_its_program(stack):
    follow(stack, 1, turns=3, groups=2)
    assert stack.engine().destroy().ok
    assert stack.state.load().resources == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 13))
def test_a_stack_follows_many_programs(stack, seed):
    follow(stack, seed, turns=6, groups=4)
    assert stack.engine().destroy().ok
    assert stack.state.load().resources == []
