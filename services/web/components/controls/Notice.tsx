import type { ReactNode } from "react";

import { reason } from "@/lib/api/problem";

/** What went wrong, and what can be done about it. */
export function Failure({ of, children }: { of: unknown; children?: ReactNode }) {
  return (
    <div role="alert" className="rounded-lg border border-bad bg-panel px-4 py-3 text-sm">
      <p className="text-bad">{reason(of)}</p>
      {children}
    </div>
  );
}

/** Where nothing is yet: what would be here, and how it comes here. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-2xl border border-dashed border-line px-6 py-14 text-center">
      <h2>{title}</h2>
      <div className="mx-auto mt-2 max-w-md text-soft">{children}</div>
    </div>
  );
}
