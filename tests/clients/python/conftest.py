"""What the tests share: where the server is, ids nobody used before, and a look at what arrived."""

import json
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pytest

PATIENCE_SECONDS = 15


def setting(name):
    value = os.environ.get(name)
    if not value:
        pytest.exit(f"{name} is not set: run these tests with scripts/test-clients", returncode=1)
    return value


class Server:
    """The server under test, as a client and as an administrator see it."""

    def __init__(self):
        self.url = setting("THROUGHLINE_URL")
        self.write_key = setting("THROUGHLINE_WRITE_KEY")
        self.api_key = setting("THROUGHLINE_API_KEY")

    def get(self, path):
        request = urllib.request.Request(f"{self.url}/api{path}", headers={"Authorization": f"Bearer {self.api_key}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode("utf-8", "replace")

    def person(self, namespace, value, enough=lambda person: True):
        """The person with this identifier, with its events as `timeline` (oldest first), once `enough` holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        seen = None
        while True:
            status, seen = self.get(f"/people/by-identifier/{namespace}/{urllib.parse.quote(value, safe='')}")
            if status == 200:
                events_status, events = self.get(f"/people/{seen['id']}/timeline?limit=500")
                assert events_status == 200, events
                seen["timeline"] = events["items"][::-1]
                if enough(seen):
                    return seen
            if time.monotonic() > deadline:
                shown = json.dumps(seen, ensure_ascii=False, indent=2) if isinstance(seen, dict) else seen
                pytest.fail(f"{namespace} {value} never became as expected; last seen: {shown}")
            time.sleep(0.05)


def happened(*names):
    """For `Server.person`: all of these have happened, each by its name or, without one, by its kind."""

    def enough(person):
        seen = {item["name"] for item in person["timeline"]} | {item["kind"] for item in person["timeline"]}
        return seen.issuperset(names)

    return enough


def named(person, name):
    return [item for item in person["timeline"] if item["name"] == name]


def identifiers(person):
    return {(one["namespace"], one["value"]) for one in person["identifiers"]}


def unique(prefix):
    return f"{prefix}-{str(uuid.uuid4())[:13]}"


def unique_phone():
    return f"199{random.randrange(10**8):08d}"


@pytest.fixture(scope="session")
def server():
    return Server()
