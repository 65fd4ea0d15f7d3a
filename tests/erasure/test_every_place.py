"""One person in every place that keeps something of them, brought there as SDKs and colleagues do, and erased."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import HistoryEntry, User
from catalog.choices import Environment
from catalog.models import WriteKey
from erasure.declarations import DECLARATIONS, ErasedBy
from tests.erasure.traces import erase, traces_of
from tests.factories.catalog import create_write_key, definition
from tests.factories.requests import RequestFactory, RequestLifecycle
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.quality.models import Finding
from tracking.requests.choices import DeliveryState
from tracking.requests.models import Evidence, EvidenceDevice, EvidenceId, PinnedEvent, Verification
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.check.quarantine import quarantine_batch
from tracking.traffic.models import InboxBatch, QuarantinedBatch, Sample
from tracking.traffic.privacy.pseudonyms import person_hash, pseudonym

pytestmark = pytest.mark.django_db(transaction=True)

ANN, ANNS_PHONE = "u-4711-ann", "phone-of-ann-77"
BOB = "u-4712-bob"


@pytest.fixture
def lifecycle() -> RequestLifecycle:
    return RequestFactory.developed(document=definition("Order Completed"))


@pytest.fixture
def key(lifecycle: RequestLifecycle) -> WriteKey:
    return create_write_key(lifecycle.sources[0], Environment.STAGING)


def sent_by(user: str, device: str | None = None, **fields: Any) -> dict[str, Any]:
    context = {"app": {"version": "2.0.0"}}
    properties = {"total": 12.5, "coupon": "SPRING"}
    return track_call("Order Completed", **{"userId": user, "context": context, "properties": properties} | fields) | (
        {"anonymousId": device} if device else {}
    )


def bring_everywhere(lifecycle: RequestLifecycle, key: WriteKey) -> None:
    """Let Ann and Bob send, QA send one back and sign the other, and leave bodies of both unchecked."""
    production = create_write_key(lifecycle.sources[0], Environment.PRODUCTION)
    wrong = {"properties": {"total": f"of {ANN}", "coupon": ANN, ANN: 1}}
    post_batch(key, sent_by(ANN, ANNS_PHONE, **wrong), sent_by(BOB))
    process_inbox()
    lifecycle.request = move_delivery(
        lifecycle.delivery, DeliveryState.REVIEWED, by=lifecycle.members.qa, comment="The total is wrong."
    ).change.request
    lifecycle.develop()
    post_batch(key, sent_by(ANN, ANNS_PHONE), sent_by(ANN), sent_by(BOB))
    post_batch(production, sent_by(ANN, ANNS_PHONE, **wrong), sent_by(BOB))
    process_inbox()
    ids = [person_hash(ANN), person_hash(BOB)]
    move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=lifecycle.members.qa, ids=ids)
    post_batch(production, sent_by(ANN, ANNS_PHONE), sent_by(BOB))
    process_inbox()
    post_batch(key, sent_by(BOB), sent_by(ANN), sent_by(BOB, properties={"friend": {"id": ANN}}), sent_by(BOB))
    post_batch(key, sent_by(ANN))
    quarantine_batch(InboxBatch.objects.earliest("pk"), reason="We failed.")


PLACES = {
    *("traffic_inboxbatch", "traffic_quarantinedbatch", "traffic_sample", "quality_finding"),
    *("requests_evidenceid", "requests_evidencedevice", "requests_pinnedevent", "requests_verification"),
    "accounts_historyentry",
}


def test_nothing_of_a_person_is_left_in_any_table(lifecycle: RequestLifecycle, key: WriteKey) -> None:
    bring_everywhere(lifecycle, key)
    assert set(traces_of(ANN)) == PLACES
    assert {label.replace(".", "_").lower() for label, each in DECLARATIONS.items() if isinstance(each, ErasedBy)} == (
        PLACES
    )
    counted, evidence = counts_by_verdict(), list(Evidence.objects.order_by("pk").values())
    bobs_before = {model: model.objects.count() for model in (Sample, EvidenceId)}

    erased = erase(ANN, reason="She asked for it.")

    assert (erased.code, erased.error) == (0, "")
    assert erased.counts == {
        "events that waited to be checked": 3,
        "events in quarantine": 2,
        "samples": 5,
        "events of findings": erased.counts["events of findings"],
        "findings": erased.counts["findings"],
        "ids of evidence": 4,
        "devices of evidence": 4,
        "pinned events": 1,
        "signatures": 1,
        "entries of history": 2,
    }
    assert traces_of(ANN) == {}
    assert counts_by_verdict() == counted
    assert list(Evidence.objects.order_by("pk").values()) == evidence
    # Her phone is a subject of its own, and Bob is there as before.
    assert set(traces_of(ANNS_PHONE)) <= PLACES
    assert Sample.objects.count() == bobs_before[Sample] - 5
    assert EvidenceId.objects.count() == bobs_before[EvidenceId] - 4
    assert {row.id_hash for row in EvidenceId.objects.all()} == {person_hash(BOB)}
    assert not EvidenceDevice.objects.exists()


def test_what_others_sent_in_the_same_body_is_checked(lifecycle: RequestLifecycle, key: WriteKey) -> None:
    post_batch(key, sent_by(BOB), sent_by(ANN), sent_by(BOB))
    erase(ANN)
    waiting = InboxBatch.objects.get()
    assert (waiting.event_count, waiting.size) == (2, len(bytes(waiting.body)))
    assert [event["userId"] for event in json.loads(bytes(waiting.body))["batch"]] == [BOB, BOB]
    assert json.loads(bytes(waiting.body))["sentAt"] == "2026-11-24T10:00:00.000Z"
    assert process_inbox() == 2
    assert counts_by_verdict() == {"conforming": 2}


def test_a_second_time_nothing_is_found(lifecycle: RequestLifecycle, key: WriteKey) -> None:
    bring_everywhere(lifecycle, key)
    first, second = erase(ANN), erase(ANN)
    assert first.counts and second.counts == {}
    assert second.code == 0
    assert "Nothing found." in second.output
    receipts = HistoryEntry.objects.filter(subject_type="erasure").order_by("pk")
    assert [receipt.evidence["erased"] for receipt in receipts] == [first.counts, {}]


def test_what_proves_a_delivery_stays(
    lifecycle: RequestLifecycle, key: WriteKey, client_of: Callable[[User], Client]
) -> None:
    bring_everywhere(lifecycle, key)
    before = PinnedEvent.objects.get()
    erase(ANN)
    pinned, signature = PinnedEvent.objects.get(), Verification.objects.get()
    assert pinned.at == before.at and pinned.content["verdict"] == before.content["verdict"]
    assert pinned.content["event"] == {}
    assert [one["rule"] for one in pinned.content["violations"]] == [
        one["rule"] for one in before.content["violations"]
    ]
    assert signature.evidence["conforming"] == 3
    assert signature.evidence["ids"] == [str(person_hash(BOB))]
    assert [sample["event"] == {} for sample in signature.evidence["samples"]] == [False, True, True]
    qa = client_of(lifecycle.members.qa)
    assert qa.get(lifecycle.request.get_absolute_url()).status_code == 200
    assert "1 erased id" in qa.get(f"/qa/{lifecycle.delivery.pk}/").content.decode()
    for finding in Finding.objects.all():
        assert qa.get(finding.get_absolute_url()).status_code == 200


def test_by_the_pseudonym_that_pages_show_nothing_is_left_either(lifecycle: RequestLifecycle, key: WriteKey) -> None:
    bring_everywhere(lifecycle, key)
    erased = erase(pseudonym(ANN))
    assert erased.code == 0
    assert traces_of(ANN) == {}
    assert EvidenceId.objects.filter(id_hash=person_hash(BOB)).exists()


def test_the_receipt_can_be_shown(lifecycle: RequestLifecycle, key: WriteKey) -> None:
    """To whoever asked: when it was, and why, beside what went."""
    post_batch(key, sent_by(ANN))
    output = erase(ANN, kind="user", reason="Ticket \x1b[31m12").output
    receipt = HistoryEntry.objects.get(subject_type="erasure")
    assert f"Receipt {receipt.subject_id} of {receipt.at:%Y-%m-%d %H:%M:%S} UTC: user; reason: Ticket " in output
    assert "\x1b" not in output
    assert "user or device; reason: none given." in erase(ANN).output


def test_the_receipt_says_who_when_and_why_and_not_whom(lifecycle: RequestLifecycle, key: WriteKey) -> None:
    post_batch(key, sent_by(ANN))
    erased = erase(ANN, reason="Ticket 12")
    receipt = HistoryEntry.objects.get(subject_type="erasure")
    assert (receipt.message, receipt.actor) == ("Ticket 12", User.objects.system())
    assert receipt.evidence["system_user"] and receipt.evidence["database_role"]
    assert receipt.evidence["is_complete"] is True
    assert receipt.subject_id in erased.output
    assert ANN not in json.dumps(receipt.evidence) + receipt.message + receipt.subject_id + erased.output
    assert traces_of(ANN) == {}


def test_a_device_is_a_subject_too(lifecycle: RequestLifecycle, key: WriteKey) -> None:
    bring_everywhere(lifecycle, key)
    erase(ANNS_PHONE, kind="device")
    assert traces_of(ANNS_PHONE) == {}
    assert EvidenceId.objects.filter(id_hash=person_hash(ANN)).exists()


def test_the_kind_tells_two_apart_who_share_a_text(lifecycle: RequestLifecycle, key: WriteKey) -> None:
    post_batch(key, sent_by("same-text-1"), sent_by(BOB, "same-text-1"))
    process_inbox()
    erase("same-text-1", kind="device")
    assert [sample.event["user_id"] for sample in Sample.objects.all()] == ["same-text-1"]


def test_bodies_that_cannot_be_read_go_whole(lifecycle: RequestLifecycle, key: WriteKey) -> None:
    post_batch(key, sent_by(BOB))
    unreadable = quarantine_batch(InboxBatch.objects.get(), reason="No JSON.")
    QuarantinedBatch.objects.filter(pk=unreadable.pk).update(body=b'{"batch": [' + ANN.encode())
    InboxBatch.objects.all().delete()
    assert erase(BOB).counts == erase("müller-12").counts == {}
    assert QuarantinedBatch.objects.exists()
    assert erase(ANN).counts == {"events in quarantine": 1}
    assert not QuarantinedBatch.objects.exists()
