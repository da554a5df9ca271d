// The tag: what a page says about its visitor, shaped like Segment's events and sent to our collect address.
//
// Start reading at `create`. `queue` holds what waits, `consent` what may be collected, `keep` what outlives the page.
import { Consent } from "./consent";
import { contextOf, landing, pageOf } from "./context";
import { uuid } from "./ids";
import { localKeep, sharedKeep } from "./keep";
import { Queue } from "./queue";
import type { ConsentAction, ConsentProof, Options, Properties, Tag } from "./types";

export type { ConsentAction, ConsentProof, Options, Properties, Tag } from "./types";

const ANONYMOUS = "tl_anonymous";
const USER = "tl_user";
const GROUP = "tl_group";
/** Events held in memory while the visitor has not decided. */
const MAX_HELD = 100;

const withoutFragment = (address: string): string => address.split("#")[0]!;

export function create(options: Options): Tag {
  const local = localKeep();
  const shared = sharedKeep(local, options.cookieDomain);
  const consent = new Consent(shared, options);
  const warn = (what: unknown): void => {
    if (options.debug) console.warn("throughline:", what);
  };
  const queue = new Queue(local, options.host.replace(/\/+$/, ""), options.writeKey, options.flushAfterMs ?? 300, warn);

  let held: (() => Properties)[] = [];
  let anonymous: string | undefined;
  // `address` is what events say; `seen` is the address bar it stands for, which differs while a single-page app
  // has rewritten the query of the page it was loaded with.
  let address = landing();
  let referrer = document.referrer;
  let seen = new URL(address).pathname === location.pathname ? location.href : address;
  let reported = "";
  const undo: (() => void)[] = [];

  // A mistake in here must never become a mistake of the shop.
  const safe =
    <A extends unknown[], R>(work: (...given: A) => R) =>
    (...given: A): R | undefined => {
      try {
        return work(...given);
      } catch (problem) {
        warn(problem);
        return undefined;
      }
    };

  const forgetVisitor = (): void => {
    [ANONYMOUS, USER].forEach((key) => shared.remove(key));
    local.remove(GROUP);
    anonymous = undefined;
  };

  /** The id of this browser. It outlives the page only where the visitor lets it. */
  const anonymousId = (): string => {
    const kept = shared.get(ANONYMOUS);
    anonymous = kept ?? anonymous ?? uuid();
    if (!kept && consent.analytics()) shared.set(ANONYMOUS, anonymous);
    return anonymous;
  };

  const accept = (event: Properties): void => {
    const known = shared.get(USER);
    const userId = event.userId ?? known;
    if (event.type === "identify" && userId) {
      // Somebody else at this browser: their line must not begin with another's visits.
      if (known && userId !== known) forgetVisitor();
      shared.set(USER, userId as string);
    }
    if (event.type === "group") local.set(GROUP, event.groupId as string);
    if (event.type === "alias") event.previousId ??= known ?? anonymousId();
    queue.push({ ...event, anonymousId: anonymousId(), userId });
  };

  /** After the history API changed the address: the page before is the referrer, another fragment is the same page. */
  const locate = (): void => {
    if (withoutFragment(location.href) === withoutFragment(seen)) return;
    referrer = address;
    address = seen = location.href;
  };

  const emit = (event: Properties, decided = false): void => {
    locate();
    const [at, seenAt, cameFrom, title] = [new Date().toISOString(), address, referrer, document.title];
    const messageId = uuid();
    // Built when it may leave: by then the visitor may have decided on advertising as well.
    const build = (): Properties => {
      const advertising = consent.advertising();
      const page = pageOf(seenAt, cameFrom, title, advertising);
      const groupId = local.get(GROUP);
      return {
        ...event,
        ...(event.type === "page" && { properties: { ...page, ...(event.properties as Properties) } }),
        messageId,
        timestamp: at,
        context: { ...contextOf(page, advertising), ...(groupId && { groupId }) },
      };
    };
    const may = consent.analytics();
    if (decided) accept(build());
    else if (may === undefined || (may && held.length)) held = [...held, build].slice(-MAX_HELD);
    else if (may) accept(build());
  };

  /** A banner says all its decisions in one go: what was held leaves after the last of them, if it still may. */
  const release = (): void => {
    if (consent.analytics()) held.splice(0).forEach((build) => accept(build()));
  };

  const page = (name?: string, properties: Properties = {}): void => {
    emit({ type: "page", name, properties });
    reported = withoutFragment(address);
  };

  const moved = safe((): void => {
    locate();
    // Unless the shop has reported it itself in the meantime.
    if (options.autoPage !== false && withoutFragment(address) !== reported) page();
  });

  const listen = (target: EventTarget, name: string, work: (event: Event) => unknown): void => {
    target.addEventListener(name, work);
    undo.push(() => target.removeEventListener(name, work));
  };

  const watch = safe((): void => {
    // The title is set after the address, so the look at both comes a moment later.
    const soon = (): void => void setTimeout(moved, 0);
    for (const name of ["pushState", "replaceState"] as const) {
      const original = history[name];
      const wrapped: typeof original = function (this: History, ...given) {
        original.apply(this, given);
        soon();
      };
      history[name] = wrapped;
      undo.push(() => {
        if (history[name] === wrapped) history[name] = original;
      });
    }
    listen(window, "popstate", soon);
    listen(window, "online", () => queue.online());
    listen(window, "pagehide", safe(() => queue.leave()));
    // Phones close pages without a pagehide.
    listen(document, "visibilitychange", safe(() => document.visibilityState === "hidden" && queue.leave()));
  });

  const tag: Tag = {
    page: safe(page),
    track: safe((event: string, properties: Properties = {}) => emit({ type: "track", event: `${event}`, properties })),
    identify: safe((userId?: string | null, traits: Properties = {}) => {
      emit({ type: "identify", userId: userId == null || userId === "" ? undefined : `${userId}`, traits });
    }),
    group: safe((groupId: string, traits: Properties = {}) => emit({ type: "group", groupId: `${groupId}`, traits })),
    alias: safe((userId: string, previousId?: string) => emit({ type: "alias", userId: `${userId}`, previousId })),
    reset: safe(() => {
      if (shared.get(USER)) emit({ type: "track", event: "Signed Out", properties: {} });
      held = [];
      forgetVisitor();
    }),
    consent: safe((action: ConsentAction, purpose: string, channel = "any", proof: ConsentProof = {}) => {
      const before = consent.analytics() || consent.grantedAnything();
      const meant = consent.decide(action, purpose, channel);
      const properties = { ...proof, purpose, channel, action: meant, method: proof.method ?? "banner" };
      // The record goes out once the visitor has agreed to anything: then they asked for it. A no alone leaves nothing.
      if (before || meant === "grant") emit({ type: "track", event: "Consent Updated", properties }, true);
      const may = consent.analytics();
      if (may) void Promise.resolve().then(safe(release));
      if (may === false) {
        held = [];
        forgetVisitor();
      }
    }),
    consented: safe((purpose: string, channel?: string) => consent.granted(purpose, channel)),
    anonymousId: safe(() => (consent.analytics() ? anonymousId() : shared.get(ANONYMOUS))),
    flush: () => queue.flush().catch(warn),
    stop: safe(() => {
      queue.stop();
      undo.splice(0).forEach((work) => work());
    }),
  };

  /** The first page, and the one a single-page app has gone on to while this script was loading. */
  const begin = (): void => {
    if (options.autoPage === false) return;
    tag.page();
    moved();
    // Back from the browser's own cache: seen again, loaded not.
    listen(window, "pageshow", (event) => (event as PageTransitionEvent).persisted && tag.page());
  };

  watch();
  // Rendered ahead, perhaps never looked at.
  if ((document as { prerendering?: boolean }).prerendering) {
    document.addEventListener("prerenderingchange", begin, { once: true });
  } else begin();
  // What an earlier page could not send.
  void tag.flush();
  return tag;
}
