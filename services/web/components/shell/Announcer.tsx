"use client";

// Announces state changes to screen readers.
import { createContext, type ReactNode, use, useState } from "react";

const Announce = createContext<(text: string) => void>(() => undefined);

export const useAnnounce = (): ((text: string) => void) => use(Announce);

export function Announcer({ children }: { children: ReactNode }) {
  const [text, setText] = useState("");
  return (
    <Announce value={setText}>
      {children}
      <p aria-live="polite" className="sr-only">
        {text}
      </p>
    </Announce>
  );
}
