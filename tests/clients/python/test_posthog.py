"""PostHog's SDK for Python."""

from conftest import happened, named, unique
from posthog import Posthog


def test_captures_properties_and_alias_reach_one_person(server):
    known, before = unique("user"), unique("anon")
    client = Posthog(server.write_key, host=server.url)
    client.capture("Product Viewed", distinct_id=before, properties={"product_id": "P1"})
    client.set(distinct_id=known, properties={"email": "han@example.com"})
    client.set_once(distinct_id=known, properties={"first_store": "杭州湖滨店"})
    client.capture("Order Completed", distinct_id=known, properties={"revenue": 12, "currency": "CNY"})
    client.alias(before, known)
    client.shutdown()

    person = server.person("user_id", known, happened("Product Viewed", "Order Completed"))
    assert person["traits"]["email"] == "han@example.com"
    assert person["traits"]["first_store"] == "杭州湖滨店"
    assert named(person, "Order Completed")[0]["value_minor"] == 1200
