"""神策 Sensors Analytics for Python: profiles, sign-up, and identities that are bound and unbound."""

import pytest
import sensorsanalytics
from conftest import happened, identifiers, named, unique, unique_phone
from sensorsanalytics.sdk import SensorsAnalyticsIdentity as Identity


@pytest.fixture(params=[sensorsanalytics.DefaultConsumer, sensorsanalytics.BatchConsumer], ids=["one by one", "batch"])
def client(server, request):
    client = sensorsanalytics.SensorsAnalytics(request.param(f"{server.url}/sa?project={server.write_key}"))
    yield client
    client.close()


def test_sign_up_joins_the_anonymous_visit_to_the_login(server, client):
    anonymous, login = unique("anon"), unique("user")
    client.track(anonymous, "ViewProduct", {"product_id": "P1"})
    client.track_signup(login, anonymous)
    client.track(login, "PayOrder", {"amount": 199}, is_login_id=True)
    client.flush()

    person = server.person("user_id", login, happened("ViewProduct", "PayOrder"))
    assert {("user_id", login), ("anonymous_id", anonymous)} <= identifiers(person)


def test_profiles_set_add_append_and_unset_traits(server, client):
    login = unique("user")
    client.profile_set(login, {"$name": "王小明", "$city": "杭州", "points": 10, "nick": "小明"}, is_login_id=True)
    client.profile_set_once(login, {"$name": "不会改", "first_store": "湖滨店"}, is_login_id=True)
    client.profile_increment(login, {"points": 5}, is_login_id=True)
    client.profile_append(login, {"likes": ["唇釉"]}, is_login_id=True)
    client.profile_append(login, {"likes": ["香水"]}, is_login_id=True)
    client.profile_unset(login, ["nick"], is_login_id=True)
    client.flush()

    traits = server.person("user_id", login, lambda p: len(p["traits"].get("likes", [])) == 2)["traits"]
    assert traits["name"] == "王小明"
    assert traits["city"] == "杭州"
    assert traits["first_store"] == "湖滨店"
    assert traits["points"] == 15
    assert sorted(traits["likes"]) == ["唇釉", "香水"]
    assert "nick" not in traits


def test_a_bound_phone_leads_to_the_person_until_it_is_unbound(server, client):
    login, phone = unique("user"), unique_phone()
    client.track(login, "ViewProduct", {}, is_login_id=True)
    client.bind(Identity(Identity.LOGIN_ID, login), Identity(Identity.MOBILE, phone))
    client.flush()
    bound = server.person("phone", f"+86{phone}", happened("ViewProduct"))
    assert ("user_id", login) in identifiers(bound)

    client.unbind(Identity(Identity.MOBILE, phone))
    client.flush()

    def phone_ended(person):
        return all(one["namespace"] != "phone" or one["status"] == "ended" for one in person["identifiers"])

    person = server.person("user_id", login, phone_ended)
    assert named(person, "ViewProduct")


def test_events_by_several_identities_find_the_same_person(server, client):
    login, mail = unique("user"), f"{unique('m')}@example.com"
    client.track_by_id("ViewProduct", {"price": 1}, Identity(Identity.LOGIN_ID, login), Identity(Identity.EMAIL, mail))
    client.profile_set_by_id({"$city": "成都"}, Identity(Identity.LOGIN_ID, login))
    client.flush()

    person = server.person("user_id", login, lambda p: p["traits"].get("city"))
    assert named(person, "ViewProduct")
    assert ("email", mail) in identifiers(person)
