/** What a page may hand over: plain JSON. */
export type Properties = Record<string, unknown>;

/** What a visitor decided. `withdraw` and `object` stand in the way like `deny`; the record keeps the difference. */
export type ConsentAction = "grant" | "deny" | "withdraw" | "object";

/** What was shown when the visitor decided; kept as the proof of the consent. */
export interface ConsentProof {
  /** Version of the notice or banner text. */
  notice_version?: string;
  /** How it was given: `banner`, `checkbox`, `account_page` … */
  method?: string;
  /** Any other evidence. */
  [name: string]: unknown;
}

/** Settings of a tag. Only the write key is needed. */
export interface Options {
  /** Write key of the source, as the console shows it. It can only write, so it may be public. */
  writeKey: string;
  /** Where events go, for instance `https://data.example.com`. The script takes the host it was loaded from. */
  host: string;
  /** Send a page event at load and after each change of the address by the history API. Default true. */
  autoPage?: boolean;
  /** Keep everything in memory, and set no cookie, until `analytics` is granted. Default false. */
  requireConsent?: boolean;
  /**
   * What the browser's Global Privacy Control means where the visitor has not decided otherwise here:
   * `advertising` (default) keeps ad click ids out; `all` sends nothing; `ignore` changes nothing.
   */
  gpc?: "advertising" | "all" | "ignore";
  /** Domain of the cookie. Default: the widest one the browser lets this page set. */
  cookieDomain?: string;
  /** How long events are gathered before they are sent, in ms. Default 300. */
  flushAfterMs?: number;
  /** Say in the browser's console what went wrong. Default false. */
  debug?: boolean;
}

/** The verbs. None of them ever throws into the page. */
export interface Tag {
  /** A page was seen. Called by itself unless `autoPage` is off. */
  page(name?: string, properties?: Properties): void;
  /** Something happened. */
  track(event: string, properties?: Properties): void;
  /** Who this is. A different `userId` than before begins a new line: new anonymous id, nothing carried over. */
  identify(userId?: string | null, traits?: Properties): void;
  /** The person belongs to a company, family or other group. */
  group(groupId: string, traits?: Properties): void;
  /** `previousId` (default: the current id) and `userId` are one person. */
  alias(userId: string, previousId?: string): void;
  /** The person logged out: what follows belongs to nobody known. */
  reset(): void;
  /** The visitor decided. `channel` defaults to `any`: every channel. */
  consent(action: ConsentAction, purpose: string, channel?: string, proof?: ConsentProof): void;
  /** Whether the visitor agreed here: true, false, or undefined when never asked. */
  consented(purpose: string, channel?: string): boolean | undefined;
  /** The id of this browser; undefined until consent allows one. */
  anonymousId(): string | undefined;
  /** Sends now what is waiting. Resolves when the attempt is over, whatever came of it. */
  flush(): Promise<void>;
  /** Stops listening and sending. For tests and single-page apps that take the tag down. */
  stop(): void;
}
