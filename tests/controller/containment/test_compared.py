"""What a switch says that a plan would change: asked for people who read plans, and not on the way of an automatic action."""

from dataclasses import dataclass, field

from controller.core.errors import CommandRejected
from playbooks.lifecycle import State
from playbooks.plan import Plan, Step
from playbooks.request import Origin
from tests.fakes import FakeSwitch

from .conftest import Desk


@dataclass
class Comparing(FakeSwitch):
    """A switch that takes candidate configurations."""

    compared: list[Step] = field(default_factory=list)
    refuses: bool = False

    def difference(self, step: Step) -> str:
        """What it would change."""
        self.compared.append(step)
        if self.refuses:
            raise CommandRejected("% Invalid input", where=self.switch)
        return "+ shutdown"


def comparing(desk: Desk) -> Comparing:
    """In the place of the desk's switch."""
    switch = Comparing(desk.clock)
    desk.parts.drivers = lambda _: switch
    desk.inventory.switch = switch
    return switch


def test_a_preview_has_it(desk: Desk) -> None:
    """A dry run shows the switch's own comparison beside the commands; nothing is sent."""
    switch = comparing(desk)
    plan = desk.engine.preview(desk.request()).plan
    assert plan is not None
    assert ["+ shutdown"] * len(plan.steps) == [step.diff for step in plan.steps]
    assert [] == switch.sent


def test_an_approver_sees_it(desk: Desk) -> None:
    """A plan that waits for a person's yes is kept with it."""
    comparing(desk)
    containment_id, state = desk.run(response="approve")
    assert State.AWAITING_APPROVAL is state
    assert "+ shutdown" == Plan.model_validate_json(desk.row(containment_id)["plan"]).steps[0].diff


def test_an_automatic_action_does_not_wait_for_it(desk: Desk) -> None:
    """It costs the switch a moment: the driver compares when it applies, and the journal has it then."""
    switch = comparing(desk)
    _, state = desk.run()
    assert State.CONTAINED is state
    assert [] == switch.compared


def test_a_refused_comparison_is_told(desk: Desk) -> None:
    """The person reads why, in the place of the difference."""
    comparing(desk).refuses = True
    plan = desk.engine.preview(desk.request(origin=Origin.PERSON)).plan
    assert plan is not None
    assert "could not compare it" in plan.steps[0].diff
    assert "% Invalid input" in plan.steps[0].diff
