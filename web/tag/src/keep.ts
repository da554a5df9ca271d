// What outlives the page: local storage and one first-party cookie, each of which a browser may refuse.
// Then memory stands in, and the tag works for as long as the page does.

export interface Keep {
  get(key: string): string | undefined;
  set(key: string, value: string): boolean;
  remove(key: string): void;
  keys(prefix: string): string[];
}

export function localKeep(): Keep {
  const memory = new Map<string, string>();
  const storage = (): Storage | undefined => {
    try {
      return window.localStorage;
    } catch {
      return undefined;
    }
  };
  return {
    get(key) {
      return memory.get(key) ?? storage()?.getItem(key) ?? undefined;
    },
    // False when the browser had no room for it: then it is only in memory.
    set(key, value) {
      try {
        storage()!.setItem(key, value);
        memory.delete(key);
        return true;
      } catch {
        memory.set(key, value);
        return false;
      }
    },
    remove(key) {
      memory.delete(key);
      try {
        storage()?.removeItem(key);
      } catch {
        // Refused, so it was never there.
      }
    },
    keys(prefix) {
      let stored: string[] = [];
      try {
        stored = Object.keys(storage() ?? {});
      } catch {
        // As above.
      }
      return [...new Set([...stored, ...memory.keys()])].filter((key) => key.startsWith(prefix)).sort();
    },
  };
}

/** 13 months: as long as data protection authorities accept for a first-party measurement cookie. */
const COOKIE_SECONDS = 34_128_000;

function readCookie(name: string): string | undefined {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  try {
    return found && decodeURIComponent(found.slice(name.length + 1));
  } catch {
    return undefined;
  }
}

function writeCookie(name: string, value: string, seconds: number, domain: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie =
    `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${seconds}; SameSite=Lax${secure}` +
    (domain && `; Domain=${domain}`);
}

/** The widest domain this page may set a cookie for (`example.com` on `shop.example.com`), found by trying. */
function widestDomain(): string {
  const labels = location.hostname.split(".");
  if (labels.length < 2 || /^[\d.]+$/.test(location.hostname)) return "";
  for (let count = 2; count <= labels.length; count++) {
    const domain = labels.slice(-count).join(".");
    writeCookie("tl_probe", "1", 9, domain);
    if (readCookie("tl_probe")) {
      writeCookie("tl_probe", "", 0, domain);
      return domain;
    }
  }
  return "";
}

/** Short values that sub-domains share and that survive when one of the two places is cleared. */
export function sharedKeep(local: Keep, givenDomain: string | undefined): Omit<Keep, "keys"> {
  let domain: string | undefined = givenDomain;
  const set = (key: string, value: string): boolean => {
    domain ??= widestDomain();
    writeCookie(key, value, COOKIE_SECONDS, domain);
    return local.set(key, value);
  };
  return {
    // What was cleared in one place is put back from the other.
    get(key) {
      const [cookie, stored] = [readCookie(key), local.get(key)];
      const value = cookie || stored;
      if (value && cookie !== stored) set(key, value);
      return value;
    },
    set,
    remove(key) {
      domain ??= widestDomain();
      writeCookie(key, "", 0, domain);
      local.remove(key);
    },
  };
}
