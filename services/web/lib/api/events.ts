// The events of a job, each once and in order, over as many connections as it takes.
//
// A WebSocket, because a browser opens six HTTP connections to an origin and no more; a ticket,
// because it cannot set a header on one.
import { body, gateway } from "./gateway";
import { Problem } from "./problem";
import { type Event, hasEnded } from "./wire";

const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;

export interface Line {
  /** Opens a connection that goes on after `after`; resolves when it has closed. */
  listen(jobId: string, after: string | null, hear: (event: Event) => void, signal: AbortSignal): Promise<void>;
}

export interface Listener {
  hear: (event: Event) => void;
  /** The connection is there, or is being looked for. */
  connected?: (is: boolean) => void;
}

/**
 * Follow a job until it has ended or `signal` aborts; lost connections are taken up where they broke.
 *
 * @throws Problem when the gateway refuses: there is no such job, or no such key.
 */
export async function follow(
  jobId: string,
  { hear, connected }: Listener,
  signal: AbortSignal,
  line: Line = webSocket,
): Promise<void> {
  const heard = { after: null as string | null, ended: false };
  let wait = FIRST_WAIT;
  const take = (event: Event) => {
    const position = `${event.epoch}:${event.seq}`;
    if (position === heard.after) return;
    heard.after = position;
    wait = FIRST_WAIT;
    connected?.(true);
    heard.ended = event.kind === "job" && hasEnded(event.state);
    hear(event);
  };
  for (;;) {
    try {
      await line.listen(jobId, heard.after, take, signal);
    } catch (failure) {
      if (!(failure instanceof Problem) || !failure.isPassing) throw failure;
    }
    if (heard.ended || signal.aborted) return;
    connected?.(false);
    await pause(wait, signal);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

const webSocket: Line = {
  async listen(jobId, after, hear, signal) {
    const { ticket } = await body(gateway.POST("/v1/tickets", { params: { query: { job_id: jobId } } }));
    if (signal.aborted) return;
    const query = new URLSearchParams({ ticket, ...(after === null ? {} : { after }) });
    const socket = new WebSocket(`/v1/jobs/${jobId}/events?${query.toString()}`);
    const close = () => socket.close();
    signal.addEventListener("abort", close);
    await new Promise<void>((closed) => {
      socket.onmessage = ({ data }) => {
        if (!signal.aborted) hear(JSON.parse(data as string) as Event);
      };
      socket.onclose = () => closed();
    });
    signal.removeEventListener("abort", close);
  },
};

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((over) => {
    const timer = setTimeout(over, milliseconds);
    const now = () => {
      clearTimeout(timer);
      over();
    };
    addEventListener("online", now, { once: true, signal });
    signal.addEventListener("abort", now, { once: true });
  });
}
