// Every page of the console and what opens on it: a name, its path, and what to do there before it is looked at.
import { api, upload } from "./support.mjs";
import { known } from "./seed.mjs";

const SETTINGS = ["profile", "users", "api-keys", "privacy", "lake", "jobs", "configuration", "audit"];
const ORDERS = "订单号,手机号,姓名,下单时间,金额\nA-1,13912345678,李雷,2026-10-01 10:00:00,99.50\nA-2,13912345679,韩梅梅,2026-10-02 11:30:00,129\n";

const firstOf = async (path) => (await api(path)).body.items?.[0] ?? null;

/** The person whose pages are looked at: of the demo brand, or of the seed. */
export async function person(demo) {
  if (!demo) return (await api(`/people/by-identifier/user_id/${known.userId}`)).body;
  return (await api(`/people/${(await firstOf("/people?has=order&identified=true&sort=revenue&limit=1")).id}`)).body;
}

/** Clicks what carries `data-do`; on a phone the side of the person page that has it is opened first. */
const press = (what) => async (page) => {
  const sides = page.locator(".only-phone .ant-segmented-item");
  if (await sides.first().isVisible()) await sides.nth(1).click();
  await page.locator(`[data-do=${what}]`).first().click();
  await page.getByRole("dialog").waitFor();
};

async function finder(page) {
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("王");
  await page.waitForFunction(() => !document.querySelector("#finder-hits[aria-busy=true]"));
}

/** A draft of an import, made once for all pages that show it. */
const draft = async () => (await firstOf("/imports")) ?? upload("订单.csv", ORDERS);

export function pages(demo) {
  const one = async () => `/people/${(await person(demo)).id}`;
  const source = async (kind) => {
    const { items } = (await api("/sources")).body;
    return `/sources/${(items.find((each) => each.kind === kind) ?? items[0]).id}`;
  };
  const group = async () => {
    const [first] = (await api("/quarantine/groups")).body;
    const search = new URLSearchParams({ tab: "quarantine", reason: first.reason, source: first.source_id, name: first.event_name });
    return `/plan?${search}`;
  };
  return [
    ["overview", "/"],
    ["live", "/live"],
    ["people", "/people"],
    ["people-none", "/people?q=zzzzzz"],
    ["person", one],
    ["person-why", one, press("why")],
    ["person-unmerge", one, press("unmerge")],
    ["person-relate", one, press("relate")],
    ["person-traits", one, press("traits")],
    ["identity", "/identity"],
    ["identity-suspended", "/identity?tab=suspended"],
    ["identity-rules", "/identity?tab=rules"],
    ["identity-simulator", "/identity?tab=simulator"],
    ["identity-blocked", "/identity?tab=blocked"],
    ["audiences", "/audiences"],
    ["audiences-lists", "/audiences?tab=lists"],
    ["audience-new", "/audiences/new"],
    ["traits", "/traits"],
    ["traits-packs", "/traits?tab=packs"],
    ["predictions", "/predictions"],
    ["destinations", "/destinations"],
    ["credit", "/credit"],
    ["credit-paths", "/credit?tab=paths"],
    ["credit-rules", "/credit?tab=rules"],
    ["credit-conversions", "/credit?tab=conversions"],
    ["credit-spend", "/credit?tab=spend"],
    ["sources", "/sources"],
    ["sources-new", "/sources?new=1"],
    ["source", () => source("web")],
    ["source-warnings", async () => `${await source("web")}?tab=warnings`],
    ["source-settings", async () => `${await source("webhook")}?tab=settings`],
    ["plan", "/plan"],
    ["plan-event", "/plan?event=Order%20Completed"],
    ["quarantine", "/plan?tab=quarantine"],
    ["quarantine-group", group],
    ["plan-fixes", "/plan?tab=fixes"],
    ["imports", async () => (await draft(), "/imports")],
    ["import", async () => `/imports/${(await draft()).id}`],
    ...SETTINGS.map((section) => [`settings-${section}`, `/settings/${section}`]),
    ["finder", "/people", finder],
    ["missing", "/nowhere"],
  ];
}
