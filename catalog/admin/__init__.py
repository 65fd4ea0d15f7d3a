"""The catalog in the admin site: sources and groups are kept here; what events mean is changed by requests alone."""

from catalog.admin.event import EventAdmin, VersionAdmin
from catalog.admin.group import CategoryAdmin, TagAdmin
from catalog.admin.imports import ImportRunAdmin
from catalog.admin.property import PropertyAdmin
from catalog.admin.source import SourceAdmin

__all__ = [
    "CategoryAdmin",
    "EventAdmin",
    "ImportRunAdmin",
    "PropertyAdmin",
    "SourceAdmin",
    "TagAdmin",
    "VersionAdmin",
]
