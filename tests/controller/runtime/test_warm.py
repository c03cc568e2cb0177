"""Sessions are opened ahead where a site may act, and a switch that does not answer is not hammered."""

from controller.core.errors import ConfigError, Unreachable
from controller.core.sites import Mode, Site, SwitchEntry, SwitchFile
from controller.runtime.warm import FIRST_WAIT_S, WarmSessions
from controller.switches.driver import Driver


class StillClock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def now_ms(self) -> int:
        return int(self.now_s * 1000)

    def monotonic_s(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


class Session:
    """Counts who asked for it."""

    def __init__(self, *, dead: bool = False) -> None:
        self.dead, self.asked = dead, 0

    def ready(self) -> None:
        self.asked += 1
        if self.dead:
            raise Unreachable("no SSH answer")


def warm(mode: Mode, session: object, clock: StillClock) -> WarmSessions:
    """Two switches of one site, an edge switch and a core."""
    entries = tuple(
        SwitchEntry(name=n, site="s", kind=k, address=a)
        for n, k, a in (("e", "edge", "192.0.2.1"), ("c", "core", "192.0.2.2"))
    )
    return WarmSessions(SwitchFile(sites=(Site(name="s", mode=mode),), switches=entries), lambda _: session, clock)  # type: ignore[arg-type,return-value]


def test_only_where_the_site_may_act() -> None:
    """An observed site is never logged in to ahead; of others, edge switches are."""
    for mode, asked in ((Mode.OBSERVE, 0), (Mode.APPROVE, 1), (Mode.AUTO, 1)):
        session = Session()
        warm(mode, session, StillClock()).turn()
        assert asked == session.asked


def test_a_dead_switch_is_tried_ever_more_rarely() -> None:
    """After 15 s, then 30 s more, and at once again when it answers."""
    clock, session = StillClock(), Session(dead=True)
    sessions = warm(Mode.AUTO, session, clock)
    for now_s, asked in (
        (0.0, 1),
        (FIRST_WAIT_S - 1, 1),
        (FIRST_WAIT_S, 2),
        (2 * FIRST_WAIT_S, 2),
        (3 * FIRST_WAIT_S, 3),
    ):
        clock.now_s = now_s
        sessions.turn()
        assert asked == session.asked
    assert 3 == sessions.counts.failed
    session.dead, clock.now_s = False, 1000.0
    sessions.turn()
    sessions.turn()
    assert 5 == session.asked


def test_a_driver_without_a_session_is_left_alone() -> None:
    """SNMP has nothing to open."""
    sessions = warm(Mode.AUTO, object(), StillClock())
    sessions.turn()
    assert (1, 0) == (sessions.counts.ready, sessions.counts.failed)


def test_drivers_are_made_before_anybody_is_asked() -> None:
    """Loading makes the drivers of the switches that may be acted on; no device hears of it, and a bad entry stops nobody."""
    made: list[str] = []

    def driver(name: str) -> Driver:
        made.append(name)
        raise ConfigError("has no ssh section")

    entries = (SwitchEntry(name="e", site="s", kind="edge", address="192.0.2.1"),)
    file = SwitchFile(sites=(Site(name="s", mode=Mode.AUTO),), switches=entries)
    WarmSessions(file, driver, StillClock()).load()
    assert ["e"] == made
