"use client";

// Around every page: the way to the others, the key, and what is announced.
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { queryClient } from "@/lib/api/queries";
import { Player } from "@/lib/audio/player";

import { Announcer } from "./Announcer";
import { KeyGate } from "./KeyGate";
import { Navigation } from "./Navigation";
import { Offline } from "./Offline";
import { PlayerContext } from "./player";

export function Shell({ children }: { children: ReactNode }) {
  const [client] = useState(queryClient);
  const [player] = useState(() => new Player());
  return (
    <QueryClientProvider client={client}>
      <PlayerContext value={player}>
        <Announcer>
          <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-20 focus:bg-panel focus:p-3">
            Skip to the page
          </a>
          <Navigation />
          <Offline />
          <main id="main" className="mx-auto max-w-[110rem] px-3 pt-4 pb-24 sm:px-6 md:pb-10">
            <KeyGate>{children}</KeyGate>
          </main>
        </Announcer>
      </PlayerContext>
    </QueryClientProvider>
  );
}
