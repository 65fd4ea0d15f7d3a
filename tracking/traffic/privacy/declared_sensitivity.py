"""What is declared about the values of an event while a set of events is checked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from catalog.choices import Sensitivity
from catalog.models import Event, SensitiveExemption
from catalog.sensitivity.version_sensitivity import LibrarySensitivity, published_sensitivity


@dataclass(frozen=True)
class DeclaredSensitivity:
    """What is declared: the sensitivity by definition path, such as `{"/properties/products/*/sku": "none"}`, and the
    definition paths of all keys that somebody wrote down, however they look. Of `exempt_paths` nobody is warned, which
    hides and shows nothing.
    """

    by_path: Mapping[str, Sensitivity]
    defined_key_paths: frozenset[str] = frozenset()
    exempt_paths: frozenset[str] = frozenset()

    @cached_property
    def decided_paths(self) -> frozenset[str]:
        """The paths about which somebody said how sensitive they are, or that nobody wants to be warned of."""
        declared = (path for path, word in self.by_path.items() if word != Sensitivity.UNKNOWN)
        return self.exempt_paths.union(declared)


NO_DECLARATIONS = DeclaredSensitivity({})


def _with_traits_in_context(declared: DeclaredSensitivity) -> DeclaredSensitivity:
    """Return what is declared, of traits also where SDKs repeat them: in the context of each event."""
    by_path = dict(declared.by_path)
    for path, word in declared.by_path.items():
        if _is_of_traits(path):
            by_path[f"/context{path}"] = Sensitivity.strictest([word, declared.by_path.get(f"/context{path}", word)])
    repeated_paths = {f"/context{path}" for path in declared.defined_key_paths if _is_of_traits(path)}
    return DeclaredSensitivity(by_path, declared.defined_key_paths | repeated_paths)


def _is_of_traits(path: str) -> bool:
    return path == "/traits" or path.startswith("/traits/")


@dataclass(slots=True)
class SensitivityResolver:
    """Tells what is declared about the values of the events of one set.

    It reads the library once, when it is first asked: a stricter entry holds from the next set on. What versions say
    is kept for as long as the process lives, since it never changes.
    """

    _library: LibrarySensitivity | None = None
    _declared: dict[tuple[int | None, tuple[int, ...]], DeclaredSensitivity] = field(default_factory=dict)
    _newest_versions: dict[int, int | None] = field(default_factory=dict)
    _exempt_paths: dict[int, frozenset[str]] | None = None

    def with_exemptions(self, declared: DeclaredSensitivity, event_id: int | None) -> DeclaredSensitivity:
        """Return what is declared, with the paths of the event that are exempted. One query for all events of a set."""
        if self._exempt_paths is None:
            paths: dict[int, set[str]] = defaultdict(set)
            for exempted_id, path in SensitiveExemption.objects.active().order_by().values_list("event_id", "path"):
                paths[exempted_id].add(path)
            self._exempt_paths = {exempted_id: frozenset(found) for exempted_id, found in paths.items()}
        exempt_paths = self._exempt_paths.get(event_id or 0)
        return replace(declared, exempt_paths=exempt_paths) if exempt_paths else declared

    def production(self, version_id: int | None) -> DeclaredSensitivity:
        """Return what the version declares that an event is validated against; nothing where there is none."""
        return self._merged(version_id, ())

    def outside_production(
        self, event_id: int | None, version_id: int | None, open_version_ids: Iterable[int]
    ) -> DeclaredSensitivity:
        """Return what the version declares, and what other versions of the event hide.

        Those are the versions that are being delivered and, where the event has no version here (it is defined for
        another source, or retired), its newest one.
        """
        also_hiding = set(open_version_ids)
        if version_id is None and event_id is not None:
            newest = self._newest_version(event_id)
            also_hiding |= set() if newest is None else {newest}
        return self._merged(version_id, tuple(sorted(also_hiding - {version_id})))

    def _newest_version(self, event_id: int) -> int | None:
        if event_id not in self._newest_versions:
            self._newest_versions[event_id] = (
                Event.objects.filter(pk=event_id).values_list("newest_version", flat=True).first()
            )
        return self._newest_versions[event_id]

    def _merged(self, version_id: int | None, also_hiding: tuple[int, ...]) -> DeclaredSensitivity:
        key = (version_id, also_hiding)
        if key not in self._declared:
            declared = NO_DECLARATIONS if version_id is None else self._of_version(version_id)
            by_path, defined_key_paths = dict(declared.by_path), declared.defined_key_paths
            for other in map(self._of_version, also_hiding):
                for path, value in other.by_path.items():
                    if value.hides:
                        by_path[path] = Sensitivity.strictest([value, by_path.get(path, value)])
                defined_key_paths |= other.defined_key_paths
            self._declared[key] = DeclaredSensitivity(by_path, defined_key_paths)
        return self._declared[key]

    def _of_version(self, version_id: int) -> DeclaredSensitivity:
        if self._library is None:
            self._library = LibrarySensitivity.load()
        published = published_sensitivity(version_id)
        return _with_traits_in_context(DeclaredSensitivity(published.of_values(self._library), published.paths))
