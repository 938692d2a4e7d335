// The HTTP client of the gateway: typed by its OpenAPI document, sends the API key, throws `Problem`.
import createClient, { type Middleware } from "openapi-fetch";

import { loadKey, rejectKey } from "./apiKey";
import { toProblem, unreachableProblem } from "./problem";
import type { paths } from "./schema";
import type { Note, TempoMark } from "./types";

const BEARER = "Bearer ";
const UNAUTHORIZED = 401;

const middleware: Middleware = {
  onRequest({ request }) {
    request.headers.set("authorization", BEARER + (loadKey() ?? ""));
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return undefined;
    if (response.status === UNAUTHORIZED) rejectKey(request.headers.get("authorization")?.slice(BEARER.length) ?? "");
    throw toProblem(await response.json().catch(() => null), response.status);
  },
  onError: () => unreachableProblem(),
};

export const client = createClient<paths>({ baseUrl: "" });
client.use(middleware);

/** openapi-fetch types a note, a bar or a tempo as an array of numbers of any length; this restores their tuples. */
type WithTuples<T> = T extends number[][]
  ? Note[]
  : T extends Blob
    ? T
    : T extends object
      ? { [Name in keyof T]: Name extends "tempos" ? TempoMark[] : WithTuples<T[Name]> }
      : T;

/** The body of a successful response; for any other response the middleware has thrown. */
export async function unwrap<T>(response: Promise<{ data?: T }>): Promise<WithTuples<T>> {
  const { data } = await response;
  if (data === undefined) throw toProblem(null, 204);
  return data as WithTuples<T>;
}

/** All items of a paged list. */
export async function fetchAllPages<T>(
  fetchPage: (cursor: string | null) => Promise<{ items: T[]; next_cursor?: string | null }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page = await fetchPage(cursor);
    items.push(...page.items);
    cursor = page.next_cursor ?? null;
  } while (cursor !== null);
  return items;
}
