"""The catalog in the admin site: sources, properties, categories and tags are edited here, events only by requests."""

from catalog.admin.event_admin import EventAdmin, VersionAdmin
from catalog.admin.exemption_admin import SensitiveExemptionAdmin
from catalog.admin.import_admin import ImportRunAdmin
from catalog.admin.policy_admin import CompanyPolicyAdmin
from catalog.admin.property_admin import PropertyAdmin
from catalog.admin.source_admin import SourceAdmin
from catalog.admin.taxonomy_admin import CategoryAdmin, TagAdmin

__all__ = [
    "CategoryAdmin",
    "CompanyPolicyAdmin",
    "EventAdmin",
    "ImportRunAdmin",
    "PropertyAdmin",
    "SensitiveExemptionAdmin",
    "SourceAdmin",
    "TagAdmin",
    "VersionAdmin",
]
