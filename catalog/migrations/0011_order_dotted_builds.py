"""Builds of several numbers count in the order of app versions: 388.0 (388.0.6) comes before 388.0 (388.0.8).

By the order that the code looks up with, so that both agree whenever the migration runs.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from catalog.contract.versions.app_version_order import read_formatted, sort_key, without_prerelease


def sort_dotted_builds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    binding_model = apps.get_model("catalog", "Binding")
    rows = binding_model.objects.filter(source__version_order="semver", since_version__contains=".")
    changed = []
    for binding in rows.select_related("source").order_by("pk").iterator(1_000):
        release = read_formatted(binding.since_version.strip(), binding.source.version_format)
        if binding.environment != "production":
            release = without_prerelease(release)
        key = sort_key(release, "semver")
        if key is not None and key != binding.since_key:
            binding.since_key = key
            changed.append(binding)
    binding_model.objects.bulk_update(changed, ["since_key"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0010_refold_names"),
    ]

    operations = [
        migrations.RunPython(sort_dotted_builds, migrations.RunPython.noop),
    ]
