// An error of the gateway (RFC 9457 problem details), or that it cannot be reached.
import type { components } from "./schema";

type ProblemBody = components["schemas"]["Problem"];

export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    detail: string,
    readonly code: string,
    readonly status: number,
  ) {
    super(detail);
  }

  /** No response arrived; the gateway may have processed the request nevertheless. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }

  /** The same request may succeed later. */
  get isTransient(): boolean {
    return this.isUnreachable || this.status === 429 || this.status >= 500;
  }
}

export const unreachableProblem = (): Problem =>
  new Problem("The studio cannot reach its server. Check that the server is running.", "unreachable", 0);

export function toProblem(body: unknown, status: number): Problem {
  if (isProblem(body)) return new Problem(body.detail, body.code, status);
  return new Problem(`The server answered with status ${status} and no details. See the server's log.`, "unexpected_response", status);
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === "object" && body !== null && "detail" in body && "code" in body;
}

/** The message of an error of any type. */
export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
