// The API key of this browser: out of the address (`#key=...`), kept from before, or, in development,
// handed over by the gateway that serves this page.
const KEPT = "ostinato.key";

export function keptKey(): string | null {
  return localStorage.getItem(KEPT);
}

export function keepKey(key: string): void {
  localStorage.setItem(KEPT, key);
}

const refusals = new EventTarget();
const REFUSED = "refused";

/** The gateway does not know this key (any more); another one, that has come meanwhile, stays. */
export function refuseKey(key: string): void {
  if (keptKey() !== key) return;
  localStorage.removeItem(KEPT);
  refusals.dispatchEvent(new Event(REFUSED));
}

export function onRefusal(hear: () => void): () => void {
  refusals.addEventListener(REFUSED, hear);
  return () => refusals.removeEventListener(REFUSED, hear);
}

/** The key to go on with; null asks the person for one. */
export async function findKey(): Promise<string | null> {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given !== null) {
    keepKey(given);
    history.replaceState(null, "", location.pathname + location.search);
    return given;
  }
  const handed = await handedKey();
  if (handed !== null) keepKey(handed);
  return handed ?? keptKey();
}

async function handedKey(): Promise<string | null> {
  try {
    const answer = await fetch("/studio/key", { headers: { accept: "text/plain" } });
    const isKey = answer.ok && answer.headers.get("content-type")?.startsWith("text/plain");
    return isKey ? (await answer.text()).trim() : null;
  } catch {
    return null; // Offline: what was kept may do.
  }
}
