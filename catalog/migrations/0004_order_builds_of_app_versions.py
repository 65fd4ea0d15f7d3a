"""Builds count in the order of app versions, and a source may say what it writes around its versions.

The starts of bindings that name a build are sorted anew; all others keep their sort keys.
By the order that the code looks up with, so that both agree whenever the migration runs.
"""

from typing import Any, ClassVar

from django.db import migrations, models

from catalog.contract.versions.app_version_order import sort_key, without_prerelease


def sort_builds(apps: Any, schema_editor: Any) -> None:
    binding_model = apps.get_model("catalog", "Binding")
    rows = binding_model.objects.filter(source__version_order="semver", since_version__contains="+").order_by("pk")
    changed = []
    for binding in rows:
        release = binding.since_version
        if binding.environment != "production":
            release = without_prerelease(release)
        key = sort_key(release, "semver")
        if key is not None and key != binding.since_key:
            binding.since_key = key
            changed.append(binding)
    binding_model.objects.bulk_update(changed, ["since_key"], batch_size=500)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0003_keep_sensitivity_of_versions")]

    operations: ClassVar = [
        migrations.AddField(
            "source",
            "version_format",
            models.CharField(
                blank=True,
                default="",
                help_text="Only where the app writes more than the version, for example app-{version} or "
                "{version}-{build}",
                max_length=60,
            ),
        ),
        migrations.RunPython(sort_builds, migrations.RunPython.noop),
    ]
