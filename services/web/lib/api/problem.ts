// Errors of the gateway (RFC 9457 problem details), and the error for an unreachable gateway.
import type { components } from "./schema";

type ProblemBody = components["schemas"]["Problem"];

/** A line of an uploaded file that the gateway rejects. */
export interface InvalidLine {
  line: number;
  custom_id: string | null;
  message: string;
}

export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    detail: string,
    readonly code: string,
    readonly status: number,
    /** The first invalid lines of an uploaded file. */
    readonly lines: readonly InvalidLine[] = [],
  ) {
    super(detail);
  }

  /** Whether no response arrived; the gateway may still have processed the request. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }

  /** Whether the same request may succeed later. */
  get isTransient(): boolean {
    return this.isUnreachable || this.status === 429 || this.status >= 500;
  }
}

export const unreachableProblem = (): Problem =>
  new Problem("The studio cannot reach its server. Check that the server is running.", "unreachable", 0);

export function toProblem(body: unknown, status: number): Problem {
  if (isProblem(body)) return new Problem(body.detail, body.code, status, invalidLines(body));
  return new Problem(`The server returned status ${status} without details. See the log of the server.`, "unexpected_response", status);
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === "object" && body !== null && "detail" in body && "code" in body;
}

function invalidLines(body: ProblemBody & { errors?: unknown }): InvalidLine[] {
  if (!Array.isArray(body.errors)) return [];
  return (body.errors as Partial<InvalidLine>[]).flatMap(({ line, custom_id, message }) =>
    line === undefined || message === undefined ? [] : [{ line, custom_id: custom_id ?? null, message }],
  );
}

/** The message of an error of any type. */
export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
