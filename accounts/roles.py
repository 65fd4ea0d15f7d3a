"""What each role may do: the table behind `accounts.permissions.can`."""

from dataclasses import dataclass

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person is in a team, or (analyst, QA, admin) in the whole company."""

    VIEWER = "viewer", "Viewer"
    PM = "pm", "Product manager"
    DEVELOPER = "developer", "Developer"
    ANALYST = "analyst", "Analyst"
    QA = "qa", "QA"
    ADMIN = "admin", "Admin"


# Roles that may be held without a team.
COMPANY_ROLES = (Role.ANALYST, Role.QA, Role.ADMIN)


class Capability(TextChoices):
    """One thing that a person may or may not do; the label completes "you may not …"."""

    CATALOG_VIEW = "catalog.view", "read the catalog"
    CATALOG_CURATE = "catalog.curate", "set categories, tags, tiers and owners"
    SAMPLES_VIEW = "samples.view", "look at samples of events"
    WORDS_PUBLISH = "words.publish", "publish a change of words"
    REQUEST_CREATE = "request.create", "create a request"
    REQUEST_EDIT = "request.edit", "edit a request"
    REQUEST_APPROVE = "request.approve", "approve a request"
    REQUEST_DECLINE = "request.decline", "decline a request"
    DELIVERY_DEVELOP = "delivery.develop", "mark a delivery as developed"
    DELIVERY_VERIFY = "delivery.verify", "verify a delivery"
    DELIVERY_SEND_BACK = "delivery.send_back", "send a delivery back"
    DELIVERY_UNDO = "delivery.undo", "take back a live delivery"
    DELIVERY_DROP = "delivery.drop", "drop a delivery"
    DELIVERY_PROVE = "delivery.prove", "declare a delivery live by hand"
    SOURCE_MANAGE = "source.manage", "create or change a source"
    KEY_ROTATE = "key.rotate", "rotate or revoke a write key"
    DEPLOY_MARK = "deploy.mark", "mark a deploy"
    POLICY_SET = "policy.set", "set what holds for the whole company"
    FINDING_TRIAGE = "finding.triage", "acknowledge, resolve or ignore a finding"
    EVENTS_CHECK = "events.check", "check events against the catalog"
    QUARANTINE_DOWNLOAD = "quarantine.download", "download quarantined events"
    QUARANTINE_RESEND = ("quarantine.resend", "send quarantined events through the check again")
    IMPORT_RUN = "import.run", "import definitions"
    IMPORT_BASELINE = "import.baseline", "take an import as the baseline"
    AUDIT_VIEW = "audit.view", "read the audit log"
    PEOPLE_MANAGE = "people.manage", "manage people, teams and roles"
    ADMIN_SITE = "admin.site", "open the admin site"


C = Capability


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role grants: capabilities anywhere, for what its team owns, or for the company as a whole.

    A role held without a team grants `own_team` for everything, whichever team owns it; only such a role grants
    `company`.
    """

    anywhere: frozenset[Capability]
    own_team: frozenset[Capability] = frozenset()
    company: frozenset[Capability] = frozenset()


# Every active person may do this, with or without a membership.
BASE_CAPABILITIES = frozenset({C.CATALOG_VIEW, C.EVENTS_CHECK})

GRANTS: dict[Role, Grant] = {
    Role.VIEWER: Grant(anywhere=BASE_CAPABILITIES),
    Role.PM: Grant(
        anywhere=BASE_CAPABILITIES | {C.SAMPLES_VIEW, C.REQUEST_CREATE, C.REQUEST_EDIT, C.IMPORT_RUN},
        own_team=frozenset({C.WORDS_PUBLISH}),
    ),
    Role.DEVELOPER: Grant(
        anywhere=BASE_CAPABILITIES | {C.SAMPLES_VIEW, C.REQUEST_CREATE, C.REQUEST_EDIT, C.IMPORT_RUN},
        own_team=frozenset(
            {
                C.WORDS_PUBLISH,
                C.DELIVERY_DEVELOP,
                C.DELIVERY_SEND_BACK,
                C.SOURCE_MANAGE,
                C.KEY_ROTATE,
                C.DEPLOY_MARK,
                C.FINDING_TRIAGE,
            }
        ),
    ),
    Role.ANALYST: Grant(
        anywhere=BASE_CAPABILITIES | {C.SAMPLES_VIEW, C.REQUEST_CREATE, C.REQUEST_EDIT, C.IMPORT_RUN},
        own_team=frozenset(
            {
                C.CATALOG_CURATE,
                C.WORDS_PUBLISH,
                C.REQUEST_APPROVE,
                C.REQUEST_DECLINE,
                C.DELIVERY_UNDO,
                C.DELIVERY_DROP,
                C.DELIVERY_PROVE,
                C.SOURCE_MANAGE,
                C.DEPLOY_MARK,
                C.FINDING_TRIAGE,
                C.QUARANTINE_RESEND,
                C.IMPORT_BASELINE,
            }
        ),
        company=frozenset({C.POLICY_SET, C.AUDIT_VIEW}),
    ),
    Role.QA: Grant(
        anywhere=BASE_CAPABILITIES | {C.SAMPLES_VIEW},
        own_team=frozenset({C.DELIVERY_VERIFY, C.DELIVERY_SEND_BACK, C.FINDING_TRIAGE}),
    ),
    Role.ADMIN: Grant(
        anywhere=BASE_CAPABILITIES | {C.SAMPLES_VIEW},
        own_team=frozenset(
            {
                C.CATALOG_CURATE,
                C.SOURCE_MANAGE,
                C.KEY_ROTATE,
                C.DEPLOY_MARK,
                C.QUARANTINE_DOWNLOAD,
                C.QUARANTINE_RESEND,
            }
        ),
        company=frozenset({C.PEOPLE_MANAGE, C.ADMIN_SITE, C.POLICY_SET, C.AUDIT_VIEW}),
    ),
}


class Scope(TextChoices):
    """What an API token may be used for; it never grants more than its person's own capabilities."""

    READ = "read", "Read everything you can read"
    REQUESTS = "requests", "Create and edit requests, import definitions"
    TRANSITIONS = "transitions", "Move requests, deliveries and findings"
    SOURCES = "sources", "Manage sources and keys, mark deploys"
    CHECK = "check", "Check events against the catalog"
    ADMIN = "admin", "Everything else you may do"


NAMED_SCOPES: dict[Scope, frozenset[Capability]] = {
    Scope.READ: frozenset({C.CATALOG_VIEW, C.SAMPLES_VIEW}),
    Scope.REQUESTS: frozenset({C.REQUEST_CREATE, C.REQUEST_EDIT, C.WORDS_PUBLISH, C.IMPORT_RUN}),
    Scope.TRANSITIONS: frozenset(
        {
            C.REQUEST_APPROVE,
            C.REQUEST_DECLINE,
            C.DELIVERY_DEVELOP,
            C.DELIVERY_VERIFY,
            C.DELIVERY_SEND_BACK,
            C.DELIVERY_UNDO,
            C.DELIVERY_DROP,
            C.DELIVERY_PROVE,
            C.FINDING_TRIAGE,
        }
    ),
    Scope.SOURCES: frozenset({C.SOURCE_MANAGE, C.KEY_ROTATE, C.DEPLOY_MARK}),
    Scope.CHECK: frozenset({C.EVENTS_CHECK}),
}
# Whatever no other scope names needs the strictest one, so that a new capability is never without a scope.
SCOPES = NAMED_SCOPES | {Scope.ADMIN: frozenset(Capability).difference(*NAMED_SCOPES.values())}


def required_scope(capability: Capability) -> Scope:
    """The scope a token needs for a capability: the one that names it, else `Scope.ADMIN`."""
    return next(scope for scope, capabilities in SCOPES.items() if capability in capabilities)


def roles_granting(capability: Capability) -> list[Role]:
    """The roles that grant a capability, in any scope; in the order of `Role`."""
    return [role for role, grant in GRANTS.items() if capability in grant.anywhere | grant.own_team | grant.company]
