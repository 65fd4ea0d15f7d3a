"""The Django app that backs the installation up and restores it."""

from django.apps import AppConfig


class BackupConfig(AppConfig):
    name = "backup"
