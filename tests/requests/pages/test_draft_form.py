"""The form: wrong input, two editors, several changes, and JSON beside rows."""

import json
import re

import pytest

from accounts.models import HistoryEntry
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tests.page_text import one_line
from tests.requests.pages.html_forms import form_values, row_values
from tracking.requests.authoring.draft_editing import add_change, edit_request
from tracking.requests.choices import ChangeAction, Lane
from tracking.requests.models import Request
from tracking.requests.pages.presenters.status_messages import (
    CHANGE_ACTION_LABELS,
    ENDING_MESSAGES,
    LANE_MESSAGES,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lifecycle():
    return RequestFactory.draft()


@pytest.fixture
def pm(lifecycle, client_of):
    return client_of(lifecycle.members.pm)


def edit_url(lifecycle):
    return f"/requests/{lifecycle.request.pk}/edit/"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"title": ""}, "This field is required."),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"title": "nul \0 inside"}, "Null characters are not allowed."),
        ({"review_by": "soon"}, "Enter a valid date."),
        ({"owner": "999999"}, "Select a valid choice."),
        ({"change-sources": ["999999"]}, "999999 is not one of the available choices."),
        ({"change-json": "{"}, "This is no JSON"),
        ({"change-json": "[1]"}, "a definition is a JSON object"),
        ({"change-json": '{"name": NaN}'}, "This is no JSON that can be stored"),
        ({"change-json": "[" * 2_000 + "]" * 2_000}, "This is no JSON"),
        ({"change-json": json.dumps({"name": "x", "schema": {"a": "x" * 1_050_000}})}, "at most"),
        (row_values(0, name="total", kind="number", example="much"), "is no number."),
        (row_values(0, name="total", kind="number", allowed="1, two"), "is no number."),
        (row_values(0, name="total", kind="nonsense"), "Select a valid choice."),
        (row_values(5, name="coupon", kind="string"), "occurs twice"),
        (row_values(5, name="", kind="string", description="What?"), "Name the property"),
    ],
)
def test_wrong_input_is_told_and_changes_nothing(lifecycle, pm, sent, told):
    before = lifecycle.change.definition
    page = pm.post(
        edit_url(lifecycle), form_values(pm.get(edit_url(lifecycle))) | {"change-rows-TOTAL_FORMS": "6"} | sent
    )
    assert page.status_code == 422
    assert told in page.content.decode()
    assert b"data-errors" in page.content
    assert lifecycle.change.definition == before
    assert Request.objects.get().revision == lifecycle.request.revision


def invalid(page):
    """The names of the controls and groups that a page marks."""
    text = page.content.decode()
    marked = re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"[^>]*aria-invalid="true"', text)
    return {*marked, *re.findall(r'<fieldset class="field field-bad" id="id_([^"]+)"', text)}


def test_a_blank_form_is_told_everything_at_once(client_of):
    browser = client_of(person("pm"))
    blank = form_values(browser.get("/requests/new/"))
    page = browser.post("/requests/new/", blank | {"do": "submit"})
    assert page.status_code == 422
    first = {"title", "question", "decision", "expected_per_day"}
    assert invalid(page) == first | {"change-name", "change-description", "change-sources"}
    text = one_line(page.content.decode())
    assert "Nothing is saved yet" in text
    for target in ("id_title", "id_question", "id_change-name", "id_change-description", "id_change-sources"):
        assert f'href="#{target}"' in text
        assert f'id="{target}_error"' in text
    assert not Request.objects.exists()
    assert not HistoryEntry.objects.filter(subject_type="request").exists()


def test_a_row_and_what_is_missing_besides_are_told_together(lifecycle, pm):
    form = form_values(pm.get(edit_url(lifecycle)))
    before = lifecycle.change.definition
    sent = {
        "question": "",
        "change-description": "",
        "do": "submit",
        **row_values(0, name="total", kind="number", example="much"),
    }
    page = pm.post(edit_url(lifecycle), form | sent)
    assert page.status_code == 422
    assert {"question", "change-description", "change-rows-0-example"} <= invalid(page)
    assert 'href="#id_change-rows-0-example">total, example</a>' in page.content.decode()
    assert lifecycle.change.definition == before
    assert Request.objects.get().question == lifecycle.request.question


def test_what_a_saved_draft_lacks_is_marked_at_its_fields(client_of):
    browser = client_of(person("pm"))
    form = form_values(browser.get("/requests/new/")) | {"title": "Know", "change-name": "Cart Opened", "do": "submit"}
    page = browser.post("/requests/new/", form | row_values(0, name="total", kind="number"))
    assert page.status_code == 422
    assert "The draft is saved." in page.content.decode()
    wanted = {"question", "decision", "expected_per_day", "change-description", "change-sources"}
    assert invalid(page) == wanted
    assert Request.objects.get().changes.get().definition["schema"]["properties"] == {"total": {"type": "number"}}


def test_what_another_change_lacks_is_linked_to_the_list_of_changes(lifecycle, pm):
    add_change(lifecycle.request, action="create", by=lifecycle.members.pm, definition={"name": "Other"}, sources=[])
    form = form_values(pm.get(f"{edit_url(lifecycle)}?change={lifecycle.request.changes.order_by('id').first().pk}"))
    page = pm.post(edit_url(lifecycle), form | {"do": "submit"})
    assert page.status_code == 422
    assert invalid(page) == set()
    assert "Say in one sentence what happens when Other is sent." in page.content.decode()


def test_saving_what_nobody_touched_writes_nothing(lifecycle, pm):
    before = (lifecycle.request.revision, lifecycle.change.definition)
    assert pm.post(edit_url(lifecycle), form_values(pm.get(edit_url(lifecycle))) | {"do": "save"}).status_code == 302
    assert (Request.objects.get().revision, lifecycle.change.definition) == before


def test_rows_keep_what_they_do_not_show(lifecycle, pm):
    form = form_values(pm.get(edit_url(lifecycle)))
    at = next(number for number in range(3) if form[f"change-rows-{number}-name"] == "total")
    pm.post(edit_url(lifecycle), form | row_values(at, description="With tax", is_required="on") | {"do": "save"})
    schema = lifecycle.change.definition["schema"]
    assert schema["properties"]["total"] == {
        "type": "number",
        "minimum": 0,
        "examples": [12.5],
        "description": "With tax",
    }
    assert schema["required"] == ["total"]


def test_rows_are_renamed_removed_and_added(lifecycle, pm):
    form = form_values(pm.get(edit_url(lifecycle)))
    at = {form[f"change-rows-{number}-name"]: number for number in range(2)}
    sent = form | row_values(at["total"], name="value") | row_values(at["coupon"], DELETE="on")
    sent |= row_values(2, name="currency", kind="string", allowed="EUR, USD", is_required="on")
    pm.post(edit_url(lifecycle), sent | {"do": "save"})
    assert lifecycle.change.definition["schema"] == {
        "type": "object",
        "properties": {
            "value": {"type": "number", "minimum": 0, "examples": [12.5]},
            "currency": {"type": "string", "enum": ["EUR", "USD"]},
        },
        "required": ["value", "currency"],
    }


def test_edited_json_counts(lifecycle, pm):
    form = form_values(pm.get(edit_url(lifecycle)))
    document = json.loads(form["change-json"]) | {"unit": "orders"}
    document["schema"]["properties"]["items"] = {"type": "array", "items": {"$ref": "#/$defs/item"}}
    document["schema"]["$defs"] = {"item": {"type": "object", "properties": {"sku": {"type": "string"}}}}
    pm.post(edit_url(lifecycle), form | {"change-json": json.dumps(document), "do": "save"})
    assert lifecycle.change.definition == document


def test_json_and_fields_edited_together_are_merged_or_asked_about(lifecycle, pm):
    form = form_values(pm.get(edit_url(lifecycle)))
    document = json.loads(form["change-json"]) | {"unit": "orders"}
    both = form | {"change-json": json.dumps(document), "change-description": "Paid.", "do": "save"}
    assert pm.post(edit_url(lifecycle), both).status_code == 302
    saved = lifecycle.change.definition
    assert (saved["unit"], saved["description"]) == ("orders", "Paid.")
    form = form_values(pm.get(edit_url(lifecycle)))
    document = json.loads(form["change-json"]) | {"description": "One thing."}
    page = pm.post(edit_url(lifecycle), form | {"change-json": json.dumps(document), "change-description": "Another."})
    assert page.status_code == 422
    assert "Both the fields above and the JSON changed /description" in page.content.decode()


def test_a_schema_that_rows_cannot_show_is_edited_as_json(client_of):
    document = definition(schema={"$ref": "#/$defs/all", "$defs": {"all": {"type": "object"}}})
    lifecycle = RequestFactory.draft(document=document)
    page = client_of(lifecycle.members.pm).get(edit_url(lifecycle))
    assert "It is edited as JSON." in page.content.decode()
    assert "change-rows-TOTAL_FORMS" not in form_values(page)


def test_two_editors_notice_each_other(lifecycle, pm):
    form = form_values(pm.get(edit_url(lifecycle)))
    edit_request(lifecycle.request, by=lifecycle.members.pm, revision=None, question="What did you spend?")
    mine = form | {"question": "What did we earn?", "change-description": "Paid for.", "do": "save"}
    page = pm.post(edit_url(lifecycle), mine)
    text = page.content.decode()
    assert page.status_code == 409
    assert "Somebody edited this draft while you did" in text
    assert "Apply mine on top" in text
    assert Request.objects.get().question == "What did you spend?"
    again = pm.post(edit_url(lifecycle), form_values(page) | {"do": "save"})
    assert again.status_code == 302
    assert Request.objects.get().question == "What did we earn?"
    assert lifecycle.change.definition["description"] == "Paid for."


def test_what_was_submitted_meanwhile_is_told_with_409(lifecycle, pm):
    form = form_values(pm.get(edit_url(lifecycle)))
    lifecycle.submit()
    page = pm.post(edit_url(lifecycle), form | {"title": "Other", "do": "save"})
    assert page.status_code == 409
    assert "no draft" in page.content.decode()
    assert pm.get(edit_url(lifecycle))["Location"] == f"/requests/{lifecycle.request.pk}/"


def test_a_draft_has_several_changes_one_open_at_a_time(lifecycle, pm):
    answer = pm.post(edit_url(lifecycle), form_values(pm.get(edit_url(lifecycle))) | {"do": "open:new"})
    assert answer["Location"] == f"{edit_url(lifecycle)}?change=new"
    form = form_values(pm.get(answer["Location"])) | {"change-name": "Order Refunded", "do": "save"}
    answer = pm.post(edit_url(lifecycle), form)
    names = [change.name for change in Request.objects.get().changes.order_by("id")]
    assert names == ["Order Completed", "Order Refunded"]
    page = pm.get(answer["Location"])
    first = Request.objects.get().changes.order_by("id").first()
    assert f'value="open:{first.pk}"' in page.content.decode()
    pm.post(edit_url(lifecycle), form_values(page) | {"do": "remove"})
    assert [change.name for change in Request.objects.get().changes.all()] == ["Order Completed"]


def test_a_change_moves_onto_a_version_that_was_approved_meanwhile(client_of):
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team)
    event = EventFactory.create(name="Order Completed", sources=[source], owner_team=members.team)
    mine = RequestFactory.draft(
        members=members, sources=[source], event=event, document=definition(description="Mine."), message="x"
    )
    properties = definition()["schema"]["properties"] | {"tax": {"type": "number"}}
    theirs = definition(schema={"type": "object", "properties": properties, "required": ["total"]})
    RequestFactory.reviewed(members=members, sources=[source], event=event, document=theirs)
    pm = client_of(members.pm)
    page = pm.get(edit_url(mine))
    assert 'value="rebase"' in page.content.decode()
    pm.post(edit_url(mine), form_values(page) | {"do": "rebase"})
    change = Request.objects.get(pk=mine.request.pk).changes.get()
    assert (str(change.base.number), change.definition["description"]) == ("1.1.0", "Mine.")
    assert "tax" in change.definition["schema"]["properties"]


def test_hostile_text_stays_text(client_of):
    evil = "<script>alert(1)</script>\u202e"
    document = definition(evil, description=evil)
    document["schema"]["properties"][evil] = {"type": "string", "description": evil, "enum": [evil]}
    lifecycle = RequestFactory.draft(document=document, title=evil, question=evil, decision=evil)
    pm = client_of(lifecycle.members.pm)
    for url in (
        edit_url(lifecycle),
        f"/requests/{lifecycle.request.pk}/",
        "/requests/",
        f"/requests/similar/?change-name={evil}",
    ):
        page = pm.get(url)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()


def test_an_unknown_change_event_or_action_is_no_500(lifecycle, pm):
    assert pm.get(f"{edit_url(lifecycle)}?change=999").status_code == 404
    assert pm.get("/requests/new/?event=999").status_code == 404
    assert pm.get("/requests/new/?event=x").status_code == 404
    assert pm.get("/requests/new/?action=nonsense").status_code == 200
    assert pm.get("/requests/new/?name=Order%20Paid").content.decode().count('value="Order Paid"') == 1
    for wish in ("pick:x", "as:nonsense", "open:", "nonsense"):
        assert pm.post("/requests/new/", {"do": wish, "title": "T"}).status_code in (200, 302, 404)


@pytest.mark.parametrize("lane", Lane)
def test_the_form_says_which_way_the_request_takes(lane, lifecycle, pm):
    Request.objects.update(lane=lane)
    assert LANE_MESSAGES[lane] in one_line(pm.get(edit_url(lifecycle)).content.decode())


def test_each_action_is_offered_by_name_and_an_ending_says_what_follows(client_of):
    browser, event = (
        client_of(person("pm")),
        EventFactory.create(name="Order Completed", sources=[SourceFactory.create()], is_live=True),
    )
    page = one_line(browser.get("/requests/new/").content.decode())
    offered = dict(re.findall(r'name="do" value="as:(\w+)" aria-pressed="\w+">([^<]+)</button>', page))
    assert offered == {str(action): CHANGE_ACTION_LABELS[action] for action in ChangeAction}
    for action in ChangeAction:
        query = {"event": event.pk, "action": action}
        page = one_line(browser.get("/requests/new/", query).content.decode())
        shown = [ending for ending, message in ENDING_MESSAGES.items() if message in page]
        assert shown == ([action] if action in ENDING_MESSAGES else [])


@pytest.mark.parametrize("value", [5, True, [], ["track"], {}, {"a": 1}], ids=repr)
@pytest.mark.parametrize("member", ["call", "name", "kind", "description", "schema"])
def test_json_of_another_type_is_kept_as_a_draft_and_can_be_mended(lifecycle, pm, member, value):
    url = edit_url(lifecycle)
    document = definition("Zed") | {member: value}
    wrong = form_values(pm.get(url)) | {"change-json": json.dumps(document)}
    assert pm.post(url, wrong | {"do": "save"}).status_code == 302
    assert lifecycle.change.definition[member] == value
    is_valid = member == "schema" and isinstance(value, dict)  # an object is a schema, whatever its members
    if member != "call" and not is_valid:  # of a call the form always names one, which counts when the form is sent
        assert pm.post(url, form_values(pm.get(url)) | {"do": "submit"}).status_code == 422
        assert Request.objects.get().state == "draft"
    mended = form_values(pm.get(url)) | {"change-json": json.dumps(definition("Zed")), "change-name": "Zed"}
    mended |= {"change-description": definition("Zed").get("description", "")}
    assert pm.post(url, mended | {"do": "save"}).status_code == 302
    assert lifecycle.change.definition[member] == definition("Zed")[member]


@pytest.mark.parametrize("call", [[], {}, ["track"]], ids=repr)
def test_a_new_event_whose_json_names_no_call_is_kept_as_a_draft(client_of, call):
    browser = client_of(person("pm"))
    blank = form_values(browser.get("/requests/new/"))
    page = browser.post(
        "/requests/new/", blank | {"title": "T", "change-json": json.dumps({"name": "Zed", "call": call})}
    )
    assert page.status_code == 302
    assert Request.objects.get().changes.get().definition["call"] == call
