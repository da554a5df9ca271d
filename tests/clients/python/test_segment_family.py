"""Segment's and RudderStack's SDKs for Python."""

import pytest
import segment.analytics.client as segment
from conftest import happened, identifiers, named, unique
from rudderstack.analytics import client as rudder


@pytest.mark.parametrize("gzip", [True, False], ids=["gzipped", "plain"])
def test_segment_brings_every_kind_of_event_to_one_person(server, gzip):
    user, anonymous, old = unique("user"), unique("anon"), unique("old")
    client = segment.Client(server.write_key, host=server.url, gzip=gzip, max_retries=0)
    client.page(None, name="首页", properties={"path": "/"}, anonymous_id=anonymous)
    client.identify(user, {"email": " Li@Example.COM"}, anonymous_id=anonymous)
    client.screen(user, name="购物车")
    client.group(user, unique("family"), {"size": 3})
    client.track(user, "Order Completed", {"revenue": 19.9, "currency": "CNY"})
    client.track(None, "Product Viewed", anonymous_id=old)
    client.alias(old, user)
    client.shutdown()

    wanted = happened("首页", "identify", "购物车", "group", "Order Completed", "Product Viewed")
    person = server.person("user_id", user, wanted)
    assert ("anonymous_id", anonymous) in identifiers(person)
    assert person["traits"]["email"] == "li@example.com"
    assert named(person, "Order Completed")[0]["value_minor"] == 1990


@pytest.mark.parametrize("gzip", [True, False], ids=["gzipped", "plain"])
def test_rudder_brings_identify_page_track_and_alias(server, gzip):
    user, anonymous, old = unique("user"), unique("anon"), unique("old")
    client = rudder.Client(server.write_key, host=server.url, gzip=gzip)
    client.page(None, name="首页", anonymous_id=anonymous)
    client.identify(user, {"city": "上海"}, anonymous_id=anonymous)
    client.track(user, "Order Completed", {"revenue": 7, "currency": "CNY"})
    client.track(None, "Product Viewed", anonymous_id=old)
    client.alias(old, user)
    client.flush()
    client.join()

    person = server.person("user_id", user, happened("首页", "identify", "Order Completed", "Product Viewed"))
    assert ("anonymous_id", anonymous) in identifiers(person)
    # This SDK puts the traits of identify under `context`.
    assert person["traits"]["city"] == "上海"
