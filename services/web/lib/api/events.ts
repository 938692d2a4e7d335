// Streams the events of a job, each once and in order, across reconnections.
//
// It uses WebSockets because browsers limit HTTP/1.1 to six connections per origin, and tickets
// because a browser cannot set a header on a WebSocket.
import { client, unwrap } from "./client";
import { Problem } from "./problem";
import { type Event, isTerminal } from "./types";

const INITIAL_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;

export interface EventTransport {
  /** Opens a connection that resumes after the event `after`; resolves when it closes. */
  connect(jobId: string, after: string | null, onEvent: (event: Event) => void, signal: AbortSignal): Promise<void>;
}

export interface EventHandlers {
  onEvent: (event: Event) => void;
  /** Called with false when the connection is lost, and with true for each event. */
  onConnectionChange?: (isConnected: boolean) => void;
}

/**
 * Follows a job until it has ended or `signal` aborts, and resumes after a broken connection.
 *
 * @throws Problem if the gateway rejects the connection: there is no such job, or the key is invalid.
 */
export async function followJob(
  jobId: string,
  { onEvent, onConnectionChange }: EventHandlers,
  signal: AbortSignal,
  transport: EventTransport = webSocketTransport,
): Promise<void> {
  const stream = { after: null as string | null, hasEnded: false };
  let backoff = INITIAL_BACKOFF_MS;
  const handle = (event: Event) => {
    const position = `${event.epoch}:${event.seq}`;
    if (position === stream.after) return;
    stream.after = position;
    backoff = INITIAL_BACKOFF_MS;
    onConnectionChange?.(true);
    stream.hasEnded = event.kind === "job" && isTerminal(event.state);
    onEvent(event);
  };
  for (;;) {
    try {
      await transport.connect(jobId, stream.after, handle, signal);
    } catch (error) {
      if (!(error instanceof Problem) || !error.isTransient) throw error;
    }
    if (stream.hasEnded || signal.aborted) return;
    onConnectionChange?.(false);
    await sleep(backoff, signal);
    backoff = Math.min(backoff * 2, MAX_BACKOFF_MS);
  }
}

const webSocketTransport: EventTransport = {
  async connect(jobId, after, onEvent, signal) {
    const { ticket } = await unwrap(client.POST("/v1/tickets", { params: { query: { job_id: jobId } } }));
    if (signal.aborted) return;
    const query = new URLSearchParams({ ticket, ...(after === null ? {} : { after }) });
    const socket = new WebSocket(`/v1/jobs/${jobId}/events?${query.toString()}`);
    const close = () => socket.close();
    signal.addEventListener("abort", close);
    await new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => {
        if (!signal.aborted) onEvent(JSON.parse(data as string) as Event);
      };
      socket.onclose = () => resolve();
    });
    signal.removeEventListener("abort", close);
  },
};

/** Resolves early when the browser is online again or `signal` aborts. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const wake = () => {
      clearTimeout(timer);
      resolve();
    };
    addEventListener("online", wake, { once: true, signal });
    signal.addEventListener("abort", wake, { once: true });
  });
}
