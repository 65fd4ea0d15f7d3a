"""Every table is declared: what it holds of subjects, and what becomes of it."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from erasure import places
from erasure.declarations import DECLARATIONS, TABLES_WITHOUT_MODEL, ErasedBy, erasers


def test_every_model_is_declared() -> None:
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert labels - set(DECLARATIONS) == set(), "Say in erasure/declarations.py what it holds of a user or device."
    assert set(DECLARATIONS) - labels == set()


def test_a_declaration_says_why() -> None:
    declared = [*DECLARATIONS.values(), *TABLES_WITHOUT_MODEL.values()]
    assert all(isinstance(each, ErasedBy) or len(each.why) > 10 for each in declared)


@pytest.mark.django_db
def test_every_table_is_declared() -> None:
    tables = set(connection.introspection.table_names())
    of_models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert tables - of_models <= set(TABLES_WITHOUT_MODEL)


def test_every_eraser_is_called_once() -> None:
    written = {
        function
        for module in pkgutil.iter_modules(places.__path__)
        for name, function in inspect.getmembers(import_module(f"{places.__name__}.{module.name}"), inspect.isfunction)
        if name.startswith("erase_") and function.__module__.startswith(places.__name__)
    }
    assert written == set(erasers())
    assert len(erasers()) == len(written) > 5
