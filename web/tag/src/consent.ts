// What the visitor decided in this browser, and whether that lets anything be collected.
import type { Keep } from "./keep";
import type { ConsentAction, Options } from "./types";

const KEY = "tl_consent";
const EVERYWHERE = "any";

type Choices = Record<string, ConsentAction>;

export class Consent {
  constructor(
    private readonly keep: Omit<Keep, "keys">,
    private readonly options: Options,
  ) {}

  private choices(): Choices {
    try {
      return JSON.parse(this.keep.get(KEY) ?? "{}") as Choices;
    } catch {
      return {};
    }
  }

  /** The decision for this channel, else the one for all channels. */
  private choice(purpose: string, channel = EVERYWHERE): ConsentAction | undefined {
    const choices = this.choices();
    return choices[`${purpose}/${channel}`] ?? choices[`${purpose}/${EVERYWHERE}`];
  }

  /** Writes the decision down and returns what it means: a no after a yes takes the yes back. */
  decide(action: ConsentAction, purpose: string, channel = EVERYWHERE): ConsentAction {
    const meant = action === "deny" && this.choice(purpose, channel) === "grant" ? "withdraw" : action;
    this.keep.set(KEY, JSON.stringify({ ...this.choices(), [`${purpose}/${channel}`]: meant }));
    return meant;
  }

  granted(purpose: string, channel?: string): boolean | undefined {
    const choice = this.choice(purpose, channel);
    return choice && choice === "grant";
  }

  grantedAnything(): boolean {
    return Object.values(this.choices()).includes("grant");
  }

  private gpc(): boolean {
    return !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl && this.options.gpc !== "ignore";
  }

  /** Whether events may be collected: true, false, or undefined while the visitor has not been asked. */
  analytics(): boolean | undefined {
    const decided = this.granted("analytics");
    if (decided !== undefined) return decided;
    if (this.gpc() && this.options.gpc === "all") return false;
    return this.options.requireConsent ? undefined : true;
  }

  /** Whether ad click ids may be kept. */
  advertising(): boolean {
    return this.granted("advertising") ?? !(this.gpc() || this.options.requireConsent);
  }
}
