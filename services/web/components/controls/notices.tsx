import type { ReactNode } from "react";

import { errorMessage } from "@/lib/api/problem";

export const RECONNECTING = "Connection lost. Reconnecting; missed notes will follow.";

/** An error message, with actions that may resolve the error. */
export function ErrorNotice({ error, children }: { error: unknown; children?: ReactNode }) {
  return (
    <div role="alert" className="rounded-lg border border-bad bg-panel px-4 py-3 text-sm">
      <p className="text-bad">{errorMessage(error)}</p>
      {children}
    </div>
  );
}

/** Shown in place of an empty list: what it will contain, and how to add something. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-2xl border border-dashed border-line px-6 py-14 text-center">
      <h2>{title}</h2>
      <div className="mx-auto mt-2 max-w-md text-soft">{children}</div>
    </div>
  );
}
