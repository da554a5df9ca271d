// The script for a page: settings from its own attributes, calls made before it loaded from the stub.
//
//   <script>window.throughline = window.throughline || [];</script>
//   <script async src="https://data.example.com/tag/throughline.js" data-write-key="…"></script>
import { create } from "./index";
import type { Options, Tag } from "./index";

type Call = [name: keyof Tag | "logout", ...given: unknown[]];
type Loaded = Tag & { push(...calls: Call[]): void; logout(): void };

function settings(script: HTMLScriptElement): Options | undefined {
  const { writeKey, host, autoPage, requireConsent, gpc, cookieDomain, flushAfterMs, debug } = script.dataset;
  if (!writeKey) return undefined;
  const on = (text: string | undefined): boolean => text !== undefined && text !== "false";
  return {
    writeKey,
    host: host ?? new URL(script.src).origin,
    autoPage: autoPage !== "false",
    requireConsent: on(requireConsent),
    gpc: (gpc as Options["gpc"]) ?? "advertising",
    ...(cookieDomain && { cookieDomain }),
    ...(flushAfterMs && { flushAfterMs: +flushAfterMs }),
    debug: on(debug),
  };
}

function carryOut(tag: Loaded, call: Call): void {
  try {
    const [name, ...given] = call;
    (tag[name] as (...given: unknown[]) => unknown)(...given);
  } catch (problem) {
    console.warn("throughline:", problem);
  }
}

try {
  const page = window as unknown as { throughline?: Call[] | Loaded };
  const script = document.currentScript ?? document.querySelector("script[data-write-key]");
  const options = script instanceof HTMLScriptElement && settings(script);
  const before = page.throughline;
  // A second copy of the snippet must not count everything twice.
  if (options && (!before || Array.isArray(before))) {
    const tag = create(options) as Loaded;
    tag.logout = tag.reset;
    tag.push = (...calls) => calls.forEach((call) => carryOut(tag, call));
    page.throughline = tag;
    // Array.from: a stub may carry methods of its own.
    tag.push(...Array.from(before ?? []));
  } else if (!options) {
    console.warn("throughline: the script element needs data-write-key");
  }
} catch (problem) {
  console.warn("throughline:", problem);
}
