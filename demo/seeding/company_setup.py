"""Creates the company: its people, teams, sources, write keys and deploy markers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Team, User
from accounts.services import create_person, grant_role, reactivate, save_team
from catalog.choices import Environment, VersionFrom
from catalog.models import Source
from catalog.services.deploys import mark_deploy
from catalog.services.sources import create_source
from catalog.services.write_keys import create_key
from demo.company import APP_RELEASES, PEOPLE, SOURCES, TEAMS, PersonEntry


@dataclass(frozen=True, slots=True)
class Company:
    """The company's rows, by username and slug. `now` is the time from which all dates are counted back."""

    now: datetime
    people: dict[str, User]
    teams: dict[str, Team]
    sources: dict[str, Source]

    def ago(self, days: float) -> datetime:
        """Return the moment so many days before the loading."""
        return self.now - timedelta(days=days)


def create_company(*, now: datetime, created_at: datetime) -> Company:
    """Create what does not exist yet. Nobody can sign in before `demo.credentials` sets the passwords."""
    system = User.objects.system()
    teams = {
        entry.slug: Team.objects.filter(slug=entry.slug).first()
        or save_team(slug=entry.slug, name=entry.name, contact=entry.contact, by=system, at=created_at)
        for entry in TEAMS
    }
    people = {entry.username: _person(entry, teams, by=system, created_at=created_at) for entry in PEOPLE}
    company = Company(now, people, teams, {})
    for entry in SOURCES:
        company.sources[entry.slug] = create_source(
            slug=entry.slug,
            name=entry.name,
            platform=entry.platform,
            owner_team=teams[entry.team],
            description=entry.description,
            version_from=entry.version_from,
            is_sample=True,
            by=people["henrik"],
            at=created_at,
        )
        for environment in Environment:
            create_key(company.sources[entry.slug], environment, by=people["henrik"], at=created_at)
    _mark_deploys(company)
    return company


def _person(entry: PersonEntry, teams: dict[str, Team], *, by: User, created_at: datetime) -> User:
    """Return the person of this username; one whom an earlier purge deactivated is reactivated."""
    person = User.objects.filter(username=entry.username).first()
    if person is None:
        person = create_person(
            username=entry.username, password=None, name=entry.name, email=entry.email, by=by, at=created_at
        )
    elif not person.is_active:
        reactivate(person, by=by)
    for role, team in entry.roles:
        grant_role(person, role, team=teams[team] if team else None, by=by)
    return person


def _mark_deploys(company: Company) -> None:
    for slug, releases in APP_RELEASES.items():
        source = company.sources[slug]
        if source.version_from != VersionFrom.DEPLOYS:
            continue
        by = company.people["sofia"]
        for release in releases:
            for environment, days in (
                (Environment.STAGING, release.staged_days_ago),
                (Environment.PRODUCTION, release.days_ago),
            ):
                if days > 0:
                    mark_deploy(source, environment=environment, version=release.version, by=by, at=company.ago(days))
