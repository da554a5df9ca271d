// 神策 Sensors Analytics for Node.js.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { happened, hasIdentifier, isRecent, named, person, require, unique, url, writeKey } from "./support.mjs";

const module = require("sa-sdk-node");
const SensorsAnalytics = module.default ?? module;

// What the server does not do yet for this client: preset profile names lose their `$`, plain bodies find their key.
const later = "profile_set of preset names, and bodies that are not gzipped";

describe("sa-sdk-node", () => {
  for (const gzip of [true, false]) {
    it(`joins the anonymous visit to the login by track_signup, ${gzip ? "gzipped" : "plain"}`, { todo: later }, async () => {
      const [anonymous, login] = [unique("anon"), unique("user")];
      const client = new SensorsAnalytics();
      client.submitTo({ url: `${url}/sa?project=${writeKey}`, gzip, mode: "track", timeout: 5000 });
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

  it("may send in batches", { todo: later }, async () => {
    const login = unique("user");
    const client = new SensorsAnalytics();
    const submitter = client.submitTo({ url: `${url}/sa?project=${writeKey}`, gzip: true, mode: "track", timeout: 5000 });
    submitter?.catch?.((problem) => assert.fail(problem));
    for (let i = 0; i < 20; i++) client.track(login, "ViewProduct", { i });
    await person("user_id", login, (p) => named(p, "ViewProduct").length === 20).catch(async () => {
      // Without a login event the SDK cannot say what kind of id this is, and it counts as an anonymous one.
      await person("anonymous_id", login, (p) => named(p, "ViewProduct").length === 20);
    });
  });
});
