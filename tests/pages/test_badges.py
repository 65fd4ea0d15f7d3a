"""Badges and icons: every fixed word has its own, and an unknown one is shown or is a mistake."""

from __future__ import annotations

import pytest
from django.db.models import TextChoices

from catalog.choices import ChangeKind, Environment, Health, ImportOutcome, ImportState, Platform, Sensitivity, Status
from pages.ui.badges import BADGES, TONES
from pages.ui.icons import icon_names
from tests.pages.rendered_parts import render
from tracking.quality.choices import FindingState, SeverityChoice
from tracking.requests.choices import ChangeAction, DeliveryState, Lane, Priority, RequestState
from tracking.traffic.choices import VerdictChoice


@pytest.mark.parametrize(
    ("kind", "choices"),
    [
        ("status", Status),
        ("health", Health),
        ("environment", Environment),
        ("platform", Platform),
        ("sensitivity", Sensitivity),
        ("outcome", ImportOutcome),
        ("import", ImportState),
        ("state", RequestState),
        ("state", DeliveryState),
        ("lane", Lane),
        ("change", ChangeAction),
        ("change", ChangeKind),
        ("priority", Priority),
        ("verdict", VerdictChoice),
        ("severity", SeverityChoice),
        ("finding", FindingState),
    ],
)
def test_every_fixed_word_has_a_chip_with_its_own_label(kind: str, choices: type[TextChoices]):
    assert {value: BADGES[kind][value].label for value in choices.values} == dict(choices.choices)


def test_every_chip_has_a_known_icon_and_tone_and_no_two_of_a_kind_look_alike():
    for kind, chips in BADGES.items():
        for chip in chips.values():
            assert chip.icon in icon_names(), chip
            assert chip.tone in TONES, chip
        assert len({chip.label for chip in chips.values()}) == len(chips), kind


def test_a_chip_says_its_word_and_count():
    html = render('{% badge "health" "failing" count=3 %}')
    assert "tone-bad" in html
    assert "Failing" in html
    assert ">3<" in html


def test_an_unknown_value_is_shown_as_it_is_and_an_unknown_kind_is_a_mistake():
    assert "Half way" in render('{% badge "state" "half_way" %}')
    with pytest.raises(KeyError):
        render('{% badge "colour" "red" %}')


def test_an_unknown_icon_is_a_mistake():
    with pytest.raises(KeyError):
        render('{% icon "unicorn" %}')


def test_an_icon_is_hidden_unless_it_stands_alone():
    assert 'aria-hidden="true"' in render('{% icon "flag" %}')
    assert 'role="img" aria-label="Flagged"' in render('{% icon "flag" "Flagged" %}')


def test_a_badge_lends_its_icon_and_its_tone():
    assert 'aria-label="Missing"' in render('{% badge_icon "property_check" state %}', state="missing")
    assert (
        render('{{ word|tone:"severity" }} {{ word|icon_name:"severity" }}', word="error")
        == "bad exclamation-circle-fill"
    )
    with pytest.raises(KeyError):
        render('{{ word|tone:"colour" }}', word="red")
