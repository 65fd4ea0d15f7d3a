"""The catalog's models, one file for each noun."""

from catalog.models.binding import Binding
from catalog.models.company_policy import CompanyPolicy
from catalog.models.event import Event, EventName, Ownership
from catalog.models.event_value import EventValue, ListedValue
from catalog.models.import_run import ImportEntry, ImportRun
from catalog.models.property import Property
from catalog.models.sensitive_exemption import SensitiveExemption
from catalog.models.source import Deploy, Source, WriteKey
from catalog.models.taxonomy import Category, Tag
from catalog.models.version import Version, VersionProperty, VersionSource

__all__ = [
    "Binding",
    "Category",
    "CompanyPolicy",
    "Deploy",
    "Event",
    "EventName",
    "EventValue",
    "ImportEntry",
    "ImportRun",
    "ListedValue",
    "Ownership",
    "Property",
    "SensitiveExemption",
    "Source",
    "Tag",
    "Version",
    "VersionProperty",
    "VersionSource",
    "WriteKey",
]
