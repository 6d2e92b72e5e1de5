"""What would leave a standing stack is refused by the command before anything runs."""

from __future__ import annotations

import pytest

import settings
from ops.deployment.inputs import Inputs
from ops.deployment.removal import refuse_removals, standing_outputs
from ops.workspace import Workspace
from sandbox.engine import Program

STACK_FILE = """\
config:
  holdfast:stack:
    account_id: "111122223333"
    name_prefix: shop
  holdfast:regions:
    - {name: us-east-1, home: true, cidr: 10.10.0.0/16}
  holdfast:security: {}
  holdfast:data:
    tables:
      orders:
        name: orders-shop
        partition_key: {name: customer_id}
"""
STANDING = {
    "home_region": "us-east-1",
    "regions": {region: {"tables": {"orders": {"name": "orders-shop"}}} for region in ("us-east-1", "eu-west-1")},
}


@pytest.fixture
def inputs(tmp_path):
    path = tmp_path / "Pulumi.shop.yaml"
    path.write_text(STACK_FILE)
    file = settings.read_stack_file(path)
    program = Program(directory=tmp_path, project="holdfast", stack="shop", config=file.pulumi_config())
    return Inputs(
        workspace=Workspace(project=tmp_path, stack="shop"),
        settings=settings.load_stack("shop", tmp_path),
        program=program,
        packs=(),
        passphrase="",
    )


def test_an_unannounced_region_is_refused_with_the_line_of_the_stack_file(inputs):
    with pytest.raises(settings.SettingsError) as refused:
        refuse_removals(inputs, {"topology": STANDING})
    text = str(refused.value)
    assert text.startswith("Pulumi.shop.yaml:5: holdfast:regions")
    assert "eu-west-1 would go" in text
    assert "give_up: {regions: [eu-west-1]}" in text


def test_an_announced_region_may_go(inputs):
    path = inputs.workspace.stack_file
    path.write_text(STACK_FILE.replace("name_prefix: shop", "name_prefix: shop\n    give_up: {regions: [eu-west-1]}"))
    announced = Inputs(**{**vars(inputs), "settings": settings.load_stack("shop", path.parent)})
    refuse_removals(announced, {"topology": STANDING})


@pytest.mark.parametrize("outputs", [{}, {"topology": None}, {"topology": "output<unknown>"}, {"topology": {}}])
def test_a_stack_that_never_stood_takes_nothing_away(inputs, outputs):
    refuse_removals(inputs, outputs)


def test_before_the_first_deployment_nothing_stands(inputs):
    assert standing_outputs(inputs) == {}
