// What surrounds an event: the page, how the visitor came to it, the browser's language and zone.
import type { Properties } from "./types";

/** Parameters by which ad platforms recognise one person's click. Cut off when advertising is not allowed. */
export const CLICK_IDS = [
  "gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "ttclid", "twclid", "li_fat_id",
  "gdt_vid", "qz_gdt", "clickid", "bd_vid", "ScCid", "irclickid", "yclid",
];

const UTM: Record<string, string> = {
  utm_source: "source", utm_medium: "medium", utm_campaign: "name", utm_term: "term", utm_content: "content", utm_id: "id",
};

/** An address without ad click ids, if they are not allowed. */
function allowed(address: string, advertising: boolean): string {
  if (advertising || !address) return address;
  try {
    const url = new URL(address);
    CLICK_IDS.forEach((name) => url.searchParams.delete(name));
    return url.href;
  } catch {
    return address;
  }
}

/** The address the page was loaded with: a single-page app may have rewritten it before this script ran. */
export function landing(): string {
  try {
    const entry = performance.getEntriesByType("navigation")[0];
    return entry && new URL(entry.name).origin === location.origin ? entry.name : location.href;
  } catch {
    return location.href;
  }
}

export function pageOf(address: string, referrer: string, title: string, advertising: boolean): Properties {
  const url = new URL(allowed(address, advertising));
  return {
    path: url.pathname,
    referrer: allowed(referrer, advertising),
    search: url.search,
    title,
    url: url.href,
  };
}

export function contextOf(page: Properties, advertising: boolean): Properties {
  const query = new URL(page.url as string).searchParams;
  const campaign: Properties = {};
  const clickIds: Properties = {};
  query.forEach((value, name) => {
    if (UTM[name] && value) campaign[UTM[name]] = value;
    if (advertising && CLICK_IDS.includes(name) && value) clickIds[name] = value;
  });
  const context: Properties = {
    page,
    userAgent: navigator.userAgent,
    locale: navigator.language,
    screen: { width: screen.width, height: screen.height, density: devicePixelRatio },
    library: { name: "throughline-tag", version: "0.1.0" },
  };
  try {
    context.timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  } catch {
    // An old browser without zones.
  }
  if (Object.keys(campaign).length) context.campaign = campaign;
  if (Object.keys(clickIds).length) context.click_ids = clickIds;
  if ((navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl) context.gpc = true;
  return context;
}
