"""Every capability with the right role, a wrong role and a stranger."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import ApiToken, Membership, Team, User
from accounts.permissions import WHOLE_COMPANY, Forbidden, can, can_anywhere, require, require_anywhere
from accounts.roles import (
    BASE_CAPABILITIES,
    COMPANY_ROLES,
    GRANTS,
    SCOPES,
    Capability,
    Role,
    Scope,
    required_scope,
    roles_granting,
)
from tests.factories.accounts import TeamFactory, UserFactory, person

pytestmark = pytest.mark.django_db

EARNED = [capability for capability in Capability if capability not in BASE_CAPABILITIES]


@dataclass
class Thing:
    """Something that a team owns."""

    owner_team: Team | None


@dataclass
class Request:
    """Something whose team goes by the name `team`."""

    team: Team | None


# What the table must say, written a second time by hand: the roles that hold each capability.
EXPECTED = {
    "catalog.curate": "analyst admin",
    "samples.view": "pm developer analyst qa admin",
    "words.publish": "pm developer analyst",
    "request.create": "pm developer analyst",
    "request.edit": "pm developer analyst",
    "request.approve": "analyst",
    "request.decline": "analyst",
    "delivery.develop": "developer",
    "delivery.verify": "qa",
    "delivery.send_back": "developer qa",
    "delivery.undo": "analyst",
    "delivery.drop": "analyst",
    "delivery.prove": "analyst",
    "source.manage": "developer analyst admin",
    "key.rotate": "developer admin",
    "deploy.mark": "developer analyst admin",
    "policy.set": "analyst admin",
    "finding.triage": "developer analyst qa",
    "quarantine.download": "admin",
    "quarantine.resend": "analyst admin",
    "import.run": "pm developer analyst",
    "import.baseline": "analyst",
    "audit.view": "analyst admin",
    "people.manage": "admin",
    "admin.site": "admin",
}


@pytest.mark.parametrize("capability", EARNED)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_exactly_what_the_table_says(capability, role, team):
    user = person(role, team=None if role in COMPANY_ROLES else team)
    decision = can(user, capability, on=Thing(team))
    assert decision.allowed == (role in EXPECTED[capability].split())
    if not decision:
        assert list(decision.missing_roles) == [Role(name) for name in EXPECTED[capability].split()]
        assert capability.label in decision.reason


@pytest.mark.parametrize("capability", EARNED)
def test_a_stranger_may_nothing_but_what_everybody_may(capability, stranger, team):
    assert not can(stranger, capability, on=Thing(team))
    assert not can(stranger, capability, on=WHOLE_COMPANY)
    assert not can_anywhere(stranger, capability)
    with pytest.raises(Forbidden) as refused:
        require(stranger, capability, on=Thing(team))
    assert list(refused.value.decision.missing_roles) == roles_granting(capability) != []
    with pytest.raises(Forbidden) as refused:
        require_anywhere(stranger, capability)
    assert list(refused.value.decision.missing_roles) == roles_granting(capability)


@pytest.mark.parametrize("capability", Capability)
def test_nobody_inactive_and_nobody_anonymous_may_anything(capability):
    gone = person(Role.ADMIN, is_active=False)
    for user, reason in ((gone, "deactivated"), (AnonymousUser(), "Sign in")):
        for decision in (can(user, capability, on=WHOLE_COMPANY), can_anywhere(user, capability)):
            assert not decision
            assert reason in decision.reason


@pytest.mark.parametrize("capability", sorted(BASE_CAPABILITIES))
def test_everybody_who_is_active_reads_the_catalog(capability, stranger):
    assert can(stranger, capability, on=WHOLE_COMPANY)
    assert can_anywhere(stranger, capability)


@pytest.mark.parametrize("capability", Capability)
def test_the_system_may_everything(capability, team):
    assert can(User.objects.system(), capability, on=Thing(team))
    assert can_anywhere(User.objects.system(), capability)


@pytest.mark.parametrize("role", Role)
def test_a_role_in_a_team_counts_for_its_own_things(role, team):
    user = person(role, team=team)
    other = TeamFactory.create()
    grant = GRANTS[role]
    for capability in Capability:
        anywhere = capability in grant.anywhere | BASE_CAPABILITIES
        assert bool(can(user, capability, on=Thing(team))) == (anywhere or capability in grant.own_team)
        assert bool(can(user, capability, on=Request(team))) == (anywhere or capability in grant.own_team)
        assert bool(can(user, capability, on=team)) == (anywhere or capability in grant.own_team)
        assert bool(can(user, capability, on=Thing(other))) == anywhere
        assert bool(can(user, capability, on=Request(None))) == anywhere
        assert bool(can(user, capability, on=WHOLE_COMPANY)) == anywhere
        assert bool(can_anywhere(user, capability)) == (anywhere or capability in grant.own_team)


@pytest.mark.parametrize("role", COMPANY_ROLES)
def test_a_role_in_the_whole_company_counts_everywhere(role, team):
    user = person(role)
    grant = GRANTS[role]
    for capability in Capability:
        held = capability in grant.anywhere | grant.own_team | grant.company
        for thing in (WHOLE_COMPANY, team, Thing(team), Request(None)):
            assert bool(can(user, capability, on=thing)) == held
        assert bool(can_anywhere(user, capability)) == held


def test_a_refusal_names_the_team(team):
    developer = person(Role.DEVELOPER)
    reason = can(developer, Capability.DELIVERY_DEVELOP, on=Thing(team)).reason
    assert reason == (
        "You may not mark a delivery as developed. This needs the role developer in the team Checkout. "
        "An admin can give it to you."
    )


@pytest.mark.parametrize(
    ("capability", "roles"),
    [
        (Capability.DELIVERY_VERIFY, "QA in the team Checkout, or in the whole company"),
        (Capability.REQUEST_APPROVE, "analyst in the team Checkout, or in the whole company"),
        (
            Capability.SOURCE_MANAGE,
            "developer, analyst or admin in the team Checkout, or analyst or admin in the whole company",
        ),
    ],
)
def test_a_refusal_names_the_whole_company_for_roles_that_are_held_there(team, capability, roles):
    reason = can(person(Role.VIEWER), capability, on=Thing(team)).reason
    assert f"This needs the role {roles}. An admin can give it to you." in reason


@pytest.mark.parametrize("capability", Capability)
def test_no_refusal_sends_somebody_for_a_role_that_nobody_can_have(team, capability):
    decision = can(person(Role.VIEWER), capability, on=Thing(team))
    company_part = decision.reason.partition(", or ")[2].partition("whole company")[0]
    for role in set(Role) - set(COMPANY_ROLES):
        assert decision.allowed or "whole company" not in decision.reason or role.label.lower() not in company_part


def test_something_without_any_team_attribute_is_a_mistake_of_ours(team):
    with pytest.raises(TypeError, match="object has neither owner_team nor team"):
        can(person(Role.DEVELOPER, team=team), Capability.SOURCE_MANAGE, on=object())


@pytest.mark.parametrize("capability", [Capability.CATALOG_VIEW, Capability.SOURCE_MANAGE])
def test_the_thing_in_question_is_never_left_out(capability, team):
    for user in (person(Role.DEVELOPER, team=team), User.objects.system(), AnonymousUser()):
        with pytest.raises(TypeError, match="can_anywhere"):
            can(user, capability, on=None)


@pytest.mark.parametrize("capability", Capability)
def test_each_capability_needs_exactly_one_scope(capability):
    scopes = [scope for scope in Scope if capability in SCOPES[scope]]
    assert scopes == [required_scope(capability)], f"{capability} belongs into one set of accounts.roles.NAMED_SCOPES."


def test_the_strictest_scope_is_for_what_no_other_names():
    assert {str(capability) for capability in SCOPES[Scope.ADMIN]} == {
        "catalog.curate",
        "quarantine.download",
        "quarantine.resend",
        "import.baseline",
        "audit.view",
        "people.manage",
        "policy.set",
        "admin.site",
    }, "A new capability that a token with another scope may use is named in accounts.roles.NAMED_SCOPES."


@pytest.mark.parametrize("scope", Scope)
def test_a_token_narrows_to_its_scopes(scope):
    user = UserFactory.create()
    for role in COMPANY_ROLES:
        Membership.objects.create(user=user, role=role)
    user.token = ApiToken(user=user, scopes=[scope])
    with_token = {capability for capability in Capability if can_anywhere(user, capability)}
    user.token = None
    without = {capability for capability in Capability if can_anywhere(user, capability)}
    assert with_token == without & SCOPES[scope]


def test_a_token_never_widens(stranger):
    stranger.token = ApiToken(user=stranger, scopes=list(Scope))
    assert {capability for capability in Capability if can_anywhere(stranger, capability)} == BASE_CAPABILITIES


def test_a_missing_role_is_told_before_a_missing_scope(stranger, team):
    stranger.token = ApiToken(user=stranger, scopes=[Scope.READ])
    for decision in (
        can(stranger, Capability.REQUEST_CREATE, on=WHOLE_COMPANY),
        can_anywhere(stranger, Capability.REQUEST_CREATE),
    ):
        assert "needs the role" in decision.reason
        assert "scope" not in decision.reason
        assert decision.missing_roles

    # Of another team: the role is held, but not where it would count.
    developer = person(Role.DEVELOPER, team=TeamFactory.create())
    developer.token = ApiToken(user=developer, scopes=[Scope.READ])
    assert f"in the team {team}" in can(developer, Capability.DEPLOY_MARK, on=Thing(team)).reason


def test_only_a_scope_is_missing_where_the_role_is_held(team):
    developer = person(Role.DEVELOPER, team=team)
    developer.token = ApiToken(user=developer, scopes=[Scope.READ])
    decision = can(developer, Capability.DEPLOY_MARK, on=Thing(team))
    assert "lacks the scope “sources”" in decision.reason
    assert decision.missing_roles == ()
    # What everybody may do needs no role, so the scope is all there is to tell.
    assert "lacks the scope “check”" in can_anywhere(developer, Capability.EVENTS_CHECK).reason


def test_memberships_are_read_once(team, django_assert_num_queries):
    user = User.objects.get(pk=person(Role.DEVELOPER, team=team).pk)
    with django_assert_num_queries(1):
        for capability in Capability:
            can(user, capability, on=Thing(team))
