// The API key of this browser: from the address (`#key=...`), from local storage or, in development,
// from the gateway that serves this page.
const STORAGE_KEY = "ostinato.key";

export function loadKey(): string | null {
  return localStorage.getItem(STORAGE_KEY);
}

export function saveKey(key: string): void {
  localStorage.setItem(STORAGE_KEY, key);
}

const rejections = new EventTarget();
const REJECTED = "rejected";

/** Deletes a key that the gateway does not accept, unless another key has been saved in the meantime. */
export function rejectKey(key: string): void {
  if (loadKey() !== key) return;
  localStorage.removeItem(STORAGE_KEY);
  rejections.dispatchEvent(new Event(REJECTED));
}

/** Calls the listener when a key is rejected. Returns the function that removes it. */
export function onKeyRejected(listener: () => void): () => void {
  rejections.addEventListener(REJECTED, listener);
  return () => rejections.removeEventListener(REJECTED, listener);
}

/** The key to use; null if the user has to enter one. */
export async function resolveKey(): Promise<string | null> {
  const fromAddress = new URLSearchParams(location.hash.slice(1)).get("key");
  if (fromAddress !== null) {
    saveKey(fromAddress);
    history.replaceState(null, "", location.pathname + location.search);
    return fromAddress;
  }
  const developmentKey = await fetchDevelopmentKey();
  if (developmentKey !== null) saveKey(developmentKey);
  return developmentKey ?? loadKey();
}

async function fetchDevelopmentKey(): Promise<string | null> {
  try {
    const response = await fetch("/studio/key", { headers: { accept: "text/plain" } });
    const isKey = response.ok && response.headers.get("content-type")?.startsWith("text/plain");
    return isKey ? (await response.text()).trim() : null;
  } catch {
    return null; // Offline: the stored key may still be valid.
  }
}
