// What waits to be sent. Each event is an entry of its own in local storage, so that tabs writing at once cannot
// overwrite each other; one tab at a time sends, and it sends for all of them.
import type { Keep } from "./keep";
import { uuid } from "./ids";
import type { Properties } from "./types";

/** The server's own limit for one event. */
const MAX_EVENT_BYTES = 32_000;
const MAX_EVENTS = 500;
/** Browsers allow 64 KiB in flight for requests that outlive the page. */
const MAX_BODY_BYTES = 60_000;
const LEASE_MS = 15_000;
const REQUEST_MS = 10_000;
const BACK_OFF_MS = 1_000;
const BACK_OFF_MAX_MS = 300_000;
const RETRY_AFTER_MAX_MS = 3_600_000;

interface Entry {
  key: string;
  event: string;
}

/** How long the server asked us to stay away, in ms. Seconds or an HTTP date. */
function retryAfter(header: string | null): number {
  if (!header) return 0;
  const ms = /^\d+$/.test(header) ? +header * 1000 : Date.parse(header) - Date.now();
  return Math.min(Math.max(ms || 0, 0), RETRY_AFTER_MAX_MS);
}

export class Queue {
  private readonly me = uuid();
  private readonly prefix: string;
  private readonly pauseKey: string;
  private readonly leaseKey: string;
  private sequence = 0;
  private failures = 0;
  private notBefore = 0;
  private largest = 100;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = 0;
  private stopped = false;
  private inFlight: Entry[] = [];

  constructor(
    private readonly keep: Keep,
    private readonly host: string,
    private readonly writeKey: string,
    private readonly flushAfterMs: number,
    private readonly warn: (what: unknown) => void,
  ) {
    const name = `tl.${writeKey}.`;
    this.prefix = `${name}e.`;
    this.pauseKey = `${name}pause`;
    this.leaseKey = `${name}lease`;
  }

  push(event: Properties): void {
    const text = JSON.stringify(event);
    // Three bytes a character at most: precise counting is only worth it near the limit.
    if (text.length * 3 > MAX_EVENT_BYTES && new Blob([text]).size > MAX_EVENT_BYTES) {
      this.warn(`event over ${MAX_EVENT_BYTES} bytes dropped`);
      return;
    }
    // Keys sort by time, then by the order within this page.
    const order = Date.now().toString(36).padStart(9, "0") + (this.sequence++).toString(36).padStart(4, "0");
    const waiting = this.keep.keys(this.prefix);
    waiting.slice(0, Math.max(0, waiting.length + 1 - MAX_EVENTS)).forEach((key) => this.keep.remove(key));
    if (!this.keep.set(`${this.prefix}${order}.${event.messageId as string}`, text) && waiting[0]) {
      this.keep.remove(waiting[0]);
    }
    this.later(this.flushAfterMs);
  }

  private later(ms: number): void {
    const due = Date.now() + ms;
    if (this.stopped || (this.timer && this.due <= due)) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** The oldest events that fit one request and are not on their way. */
  private next(): Entry[] {
    const entries: Entry[] = [];
    let size = 0;
    for (const key of this.keep.keys(this.prefix)) {
      const event = this.keep.get(key);
      if (!event || this.inFlight.some((entry) => entry.key === key)) continue;
      size += new Blob([event]).size + 1;
      if (entries.length && (size > MAX_BODY_BYTES || entries.length >= this.largest)) break;
      entries.push({ key, event });
    }
    return entries;
  }

  private body(entries: Entry[]): string {
    // The events are JSON already.
    const envelope = JSON.stringify({ writeKey: this.writeKey, sentAt: new Date().toISOString() });
    return `{"batch":[${entries.map((entry) => entry.event).join()}],${envelope.slice(1)}`;
  }

  private forget(entries: Entry[]): void {
    entries.forEach((entry) => this.keep.remove(entry.key));
  }

  /** Whether another tab is sending right now. A lease runs out by itself if that tab is gone. */
  private busyElsewhere(): boolean {
    const [owner, until] = (this.keep.get(this.leaseKey) ?? "").split(" ");
    return !!owner && owner !== this.me && +until! > Date.now();
  }

  /** The lease is what other tabs can look at without waiting; the lock makes taking it exact where there is one. */
  private async alone(work: () => Promise<void>): Promise<void> {
    const leased = async (): Promise<void> => {
      if (this.busyElsewhere()) return this.later(BACK_OFF_MS);
      this.keep.set(this.leaseKey, `${this.me} ${Date.now() + LEASE_MS}`);
      try {
        await work();
      } finally {
        this.keep.remove(this.leaseKey);
      }
    };
    if (!navigator.locks) return leased();
    await navigator.locks.request(this.leaseKey, { ifAvailable: true }, (lock) =>
      lock ? leased() : this.later(BACK_OFF_MS),
    );
  }

  /** How long the server's request to stay away still holds, in ms. */
  private paused(): number {
    const ms = +(this.keep.get(this.pauseKey) ?? 0) - Date.now();
    // A clock that was set back must not silence the tag for ever.
    return ms <= RETRY_AFTER_MAX_MS ? ms : 0;
  }

  /** The network is back: no reason to wait out what its absence caused. */
  online(): void {
    this.notBefore = 0;
    void this.flush();
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.stopped || navigator.onLine === false || !this.keep.keys(this.prefix).length) return;
    const wait = Math.max(this.paused(), this.notBefore - Date.now());
    if (wait > 0) return this.later(wait);
    await this.alone(async () => {
      for (let entries = this.next(); entries.length; entries = this.next()) {
        this.keep.set(this.leaseKey, `${this.me} ${Date.now() + LEASE_MS}`);
        if (!(await this.send(entries))) return;
      }
    });
  }

  /** Sends one batch; true when the next one may follow. */
  private async send(entries: Entry[]): Promise<boolean> {
    let status = 0;
    let wait = 0;
    this.inFlight = entries;
    const cut = new AbortController();
    const limit = setTimeout(() => cut.abort(), REQUEST_MS);
    try {
      const answer = await fetch(`${this.host}/v1/b`, {
        method: "POST",
        // Not application/json: that would cost a preflight for every batch.
        headers: { "Content-Type": "text/plain" },
        body: this.body(entries),
        credentials: "omit",
        keepalive: true,
        signal: cut.signal,
      });
      status = answer.status;
      wait = retryAfter(answer.headers.get("Retry-After"));
    } catch (problem) {
      this.warn(problem);
    } finally {
      clearTimeout(limit);
      this.inFlight = [];
    }
    if (status === 413 && entries.length > 1) {
      this.largest = entries.length >> 1;
      return true;
    }
    // 408, 429 and the server's own failures pass; any other refusal would be the same the next time.
    if (status && status < 500 && status !== 408 && status !== 429) {
      if (status >= 400) this.warn(`${entries.length} events refused: ${status}`);
      this.failures = 0;
      this.forget(entries);
      return true;
    }
    const backOff = Math.min(BACK_OFF_MS * 2 ** this.failures++, BACK_OFF_MAX_MS);
    const ms = wait || backOff * (0.5 + Math.random() / 2);
    // Written down, so that the other tabs and the next page keep away as well.
    if (wait) this.keep.set(this.pauseKey, `${Date.now() + ms}`);
    this.notBefore = Date.now() + ms;
    this.later(ms);
    return false;
  }

  /** The page is going away: hand over what waits to the browser, unless a living tab is sending it already. */
  leave(): void {
    if (this.stopped || navigator.onLine === false || !navigator.sendBeacon) return;
    if (this.failures || this.paused() > 0 || this.busyElsewhere()) return;
    for (let entries = this.next(); entries.length; entries = this.next()) {
      if (!navigator.sendBeacon(`${this.host}/v1/b`, this.body(entries))) return;
      this.forget(entries);
    }
  }
}
