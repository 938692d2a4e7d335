// What went wrong, in words for a person: the gateway's own, or ours when it could not be reached.
import type { components } from "./schema";

type Wire = components["schemas"]["Problem"];

export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    detail: string,
    readonly code: string,
    readonly status: number,
  ) {
    super(detail);
  }

  /** There was no answer; what was asked may have been heard all the same. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }

  /** Worth another try without changing anything. */
  get isPassing(): boolean {
    return this.isUnreachable || this.status === 429 || this.status >= 500;
  }
}

export const unreachable = (): Problem =>
  new Problem("The studio cannot reach its server. Is it running?", "unreachable", 0);

export function problemOf(body: unknown, status: number): Problem {
  if (isProblem(body)) return new Problem(body.detail, body.code, status);
  return new Problem(`The server answered ${status} without saying why. Its log knows more.`, "unknown", status);
}

function isProblem(body: unknown): body is Wire {
  return typeof body === "object" && body !== null && "detail" in body && "code" in body;
}

/** One sentence about any failure. */
export const reason = (failure: unknown): string =>
  failure instanceof Error ? failure.message : String(failure);
