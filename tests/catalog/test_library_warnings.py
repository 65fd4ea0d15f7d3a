"""Where definitions contradict the property library."""

import pytest

from catalog.library_warnings import document_warnings
from tests.factories.catalog import PropertyFactory, definition

pytestmark = pytest.mark.django_db


def with_properties(**properties):
    return definition("A", schema={"type": "object", "properties": properties})


@pytest.fixture
def library():
    PropertyFactory.create(name="order_id", schema={"type": "string"})
    PropertyFactory.create(name="total", schema={"type": "number"})
    PropertyFactory.create(name="anything", schema={})


def details(document, base=None):
    return [(each.code, each.path, each.detail) for each in document_warnings([(document, base)])[0]]


@pytest.mark.parametrize("name", ["orderId", "OrderID", "order-id", "order id", "ORDER_ID", "order\u200b_id"])
def test_another_spelling_of_the_same_words(library, name):
    ((code, path, detail),) = details(with_properties(**{name: {"type": "string"}}))
    assert (code, path) == ("library_name", f"/properties/{name}")
    assert detail.endswith(
        "is another spelling of order_id, which the property library has. Use that name, so that both are one."
    )


def test_another_type(library):
    assert details(with_properties(order_id={"type": "integer"}, total={"type": "integer"})) == [
        ("library_type", "/properties/order_id", "order_id is string in the property library, and integer here.")
    ]


def test_what_the_library_allows_or_does_not_know_is_not_told(library):
    properties = {
        "order_id": {"type": ["string", "null"]},
        "anything": {"type": "object"},
        "colour": {"type": "string"},
    }
    assert details(with_properties(**properties)) == []


def test_a_nested_property_is_told_by_its_path(library):
    inner = {"type": "array", "items": {"type": "object", "properties": {"orderId": {"type": "string"}}}}
    ((_code, path, detail),) = details(with_properties(orders=inner))
    assert path == "/properties/orders/*/orderId"
    assert detail.startswith("orders[].orderId is another spelling of order_id")


def test_both_spellings_in_the_library_are_each_their_own(library):
    PropertyFactory.create(name="orders_id", schema={"type": "string"})
    assert details(with_properties(orders_id={"type": "string"}, order_id={"type": "string"})) == []


def test_what_the_base_says_already_is_not_told_again(library):
    before = with_properties(orderId={"type": "string"}, total={"type": "string"})
    after = with_properties(orderId={"type": "string"}, total={"type": "boolean"}, OrderID={"type": "string"})
    told = sorted(path for _code, path, _detail in details(after, before))
    assert told == ["/properties/OrderID", "/properties/total"]


def test_many_definitions_cost_one_query(library, django_assert_num_queries):
    document = with_properties(orderId={"type": "string"}, total={"type": "string"})
    with django_assert_num_queries(1):
        answers = document_warnings([(document, None)] * 5)
    assert [len(each) for each in answers] == [2] * 5
    with django_assert_num_queries(0):
        assert document_warnings([]) == []
        assert document_warnings([(with_properties(), None)]) == [[]]
