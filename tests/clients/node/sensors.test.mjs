// 神策 Sensors Analytics for Node.js.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { happened, hasIdentifier, isRecent, named, person, require, unique, url, writeKey } from "./support.mjs";

const module = require("sa-sdk-node");
const SensorsAnalytics = module.default ?? module;

/** A client that sends to the server. The SDK does so once a process, whatever it is told later; here it forgets that. */
function started(settings, batch) {
  globalThis.isRunSubmitTo = false;
  const client = new SensorsAnalytics();
  const submitter = client.submitTo({ url: `${url}/sa?project=${writeKey}`, mode: "track", timeout: 5000, ...settings }, batch);
  submitter.catch((problem) => assert.fail(problem));
  return client;
}

describe("sa-sdk-node", () => {
  for (const gzip of [true, false]) {
    it(`joins the anonymous visit to the login by track_signup, ${gzip ? "gzipped" : "plain"}`, async () => {
      const [anonymous, login] = [unique("anon"), unique("user")];
      const client = started({ gzip });
      client.track(anonymous, "ViewProduct", { product_id: "P1", price: 99.5 });
      client.trackSignup(login, anonymous, { channel: "小红书" });
      client.profileSet(login, { $name: "王小明", $city: "杭州" });
      client.profileSetOnce(login, { first_store: "杭州湖滨店" });
      client.track(login, "PayOrder", { order_id: unique("o"), amount: 199 });

      const someone = await person("user_id", login, happened("ViewProduct", "PayOrder"));
      hasIdentifier(someone, "user_id", login);
      hasIdentifier(someone, "anonymous_id", anonymous);
      const traits = (await person("user_id", login, (p) => p.traits.first_store)).traits;
      assert.equal(traits.name, "王小明");
      assert.equal(traits.city, "杭州");
      isRecent(named(someone, "PayOrder")[0]);
    });
  }

  it("may send in batches", async () => {
    const login = unique("user");
    const client = started({ gzip: false }, { count: 5 });
    for (let i = 0; i < 20; i++) client.track(login, "ViewProduct", { i });
    // Without a login event the SDK cannot say what kind of id this is, and it counts as an anonymous one.
    await person("anonymous_id", login, (p) => named(p, "ViewProduct").length === 20);
  });
});
