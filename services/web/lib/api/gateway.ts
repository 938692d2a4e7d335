// Every request to the gateway leaves through here: typed by its OpenAPI document, with the key, and
// with failures as `Problem`.
import createClient, { type Middleware } from "openapi-fetch";

import { keptKey, refuseKey } from "./key";
import { problemOf, unreachable } from "./problem";
import type { paths } from "./schema";
import type { Note } from "./wire";

const BEARER = "Bearer ";
const UNAUTHORIZED = 401;

const middleware: Middleware = {
  onRequest({ request }) {
    request.headers.set("authorization", BEARER + (keptKey() ?? ""));
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return undefined;
    if (response.status === UNAUTHORIZED) refuseKey(request.headers.get("authorization")?.slice(BEARER.length) ?? "");
    throw problemOf(await response.json().catch(() => null), response.status);
  },
  onError: () => unreachable(),
};

const client = createClient<paths>({ baseUrl: "" });
client.use(middleware);

export const gateway = client;

/** openapi-fetch takes a note for any array of numbers; here it has its four again. */
type WithNotes<T> = T extends number[][]
  ? Note[]
  : T extends Blob
    ? T
    : T extends object
      ? { [Name in keyof T]: WithNotes<T[Name]> }
      : T;

/** The body of an answer; whatever is no success has been thrown by then. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<WithNotes<T>> {
  const { data } = await answer;
  if (data === undefined) throw problemOf(null, 204);
  return data as WithNotes<T>;
}

/** Everything of a list that comes in pages. */
export async function everything<T>(
  page: (cursor: string | null) => Promise<{ items: T[]; next_cursor?: string | null }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const next = await page(cursor);
    items.push(...next.items);
    cursor = next.next_cursor ?? null;
  } while (cursor !== null);
  return items;
}
