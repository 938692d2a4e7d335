"use client";

// The frame of every page: navigation, API key, player, query client, announcements.
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { createQueryClient } from "@/lib/api/queries";
import { Player } from "@/lib/audio/player";

import { Announcer } from "./Announcer";
import { ApiKeyGate } from "./ApiKeyGate";
import { Navigation } from "./Navigation";
import { OfflineBanner } from "./OfflineBanner";
import { PlayerContext } from "./usePlayer";

export function Shell({ children }: { children: ReactNode }) {
  const [client] = useState(createQueryClient);
  const [player] = useState(() => new Player());
  return (
    <QueryClientProvider client={client}>
      <PlayerContext value={player}>
        <Announcer>
          <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-20 focus:bg-panel focus:p-3">
            Skip to content
          </a>
          <Navigation />
          <OfflineBanner />
          <main id="main" className="mx-auto max-w-[110rem] px-3 pt-4 pb-24 sm:px-6 md:pb-10">
            <ApiKeyGate>{children}</ApiKeyGate>
          </main>
        </Announcer>
      </PlayerContext>
    </QueryClientProvider>
  );
}
