"use client";

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { Empty, Failure } from "@/components/controls/Notice";
import { type Listening, useListening } from "@/components/melody/useListening";
import { MiniRoll } from "@/components/roll/MiniRoll";
import { getJob, getMelody, getMidi, pageOfMelodies, setFavourite } from "@/lib/api/calls";
import { useAnew } from "@/lib/api/queries";
import type { MelodySummary } from "@/lib/api/wire";
import { download } from "@/lib/studio/download";
import { handOver } from "@/lib/studio/session";

/** Down and up go from row to row, wherever in a row the focus is. */
function walk(event: KeyboardEvent<HTMLUListElement>): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row] [data-play]")];
  const row = (event.target as HTMLElement).closest("[data-row]")?.querySelector<HTMLElement>("[data-play]");
  rows[rows.findIndex((each) => each === row) + step]?.focus();
}

export function Library() {
  const [search, setSearch] = useState("");
  const [isChoice, setIsChoice] = useState(false);
  const listening = useListening();
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["melodies", { favourites: isChoice }],
    queryFn: ({ pageParam }) => pageOfMelodies(pageParam, isChoice),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
  const all = data?.pages.flatMap(({ items }) => items) ?? [];
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = all.filter((melody) => {
    const text = `${melody.model} ${melody.seed} ${melody.bars} bars`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <h1>Library</h1>
        <div className="flex w-full items-end gap-2 sm:w-auto">
          <Button aria-pressed={isChoice} onClick={() => setIsChoice(!isChoice)}>
            <Icon name="star" className={isChoice ? "fill-current" : ""} /> Favourites
          </Button>
          <div className="min-w-0 flex-1 sm:w-80">
            <label htmlFor="search" className="mb-1 block text-sm text-soft">
              Model, seed or length
            </label>
            <input id="search" type="search" value={search} onChange={({ target }) => setSearch(target.value)} className="h-10 w-full rounded-lg border border-edge bg-panel px-3 text-sm" />
          </div>
        </div>
      </div>
      {error !== null && <Failure of={error} />}
      {isPending && <p className="text-soft">Looking your melodies up ...</p>}
      {!isPending && all.length === 0 && error === null && (
        <Empty title={isChoice ? "No favourites yet" : "Nothing is here yet"}>
          <p>{isChoice ? "Press the star beside a melody, and it is found here." : "Whatever you generate in the Studio, Compare or Batch is kept here."}</p>
        </Empty>
      )}
      {all.length > 0 && shown.length === 0 && <p className="text-soft">Nothing here is called that. Clear the search to see all.</p>}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the buttons inside have the focus */}
      <ul onKeyDown={walk} aria-label="Melodies" className="grid grid-cols-[minmax(0,1fr)] gap-2">
        {shown.map((melody) => (
          <Row key={melody.id} melody={melody} listening={listening} />
        ))}
      </ul>
      {hasNextPage && (
        <Button className="mt-4" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </>
  );
}

function Row({ melody, listening }: { melody: MelodySummary; listening: Listening }) {
  const router = useRouter();
  const queries = useQueryClient();
  const wanted = { queryKey: ["melody", melody.id], queryFn: () => getMelody(melody.id), staleTime: Infinity };
  const whole = useQuery(wanted);
  const job = useQuery({ queryKey: ["job", melody.job_id], queryFn: () => getJob(melody.job_id), staleTime: 60_000 });
  const isHeard = listening.id === melody.id;
  const name = `${melody.model}, seed ${melody.seed}`;
  const program = job.data?.request.instrument ?? 0;
  const deed = useMutation({ mutationFn: (what: () => Promise<void>) => what() });
  const play = async () => listening.toggle(await queries.query(wanted), program);
  const open = async () => {
    const { notes, bars, tempo } = await queries.query(wanted);
    handOver({ notes, bars, tempo, instrument: program });
    router.push("/");
  };
  const take = async () => download(await getMidi(melody.id), `ostinato-${melody.model}-${melody.seed}.mid`);
  return (
    <li data-row className="rounded-xl border border-line bg-panel p-2 pr-3">
      <div className="flex items-center gap-3">
        <Button data-play kind={isHeard ? "primary" : "plain"} aria-label={`${isHeard ? "Stop" : "Play"} ${name}`} onClick={() => deed.mutate(play)}>
          <Icon name={isHeard ? "pause" : "play"} />
        </Button>
        <div className="min-w-0 flex-1 sm:w-56 sm:flex-none">
          <p className="truncate text-sm">
            <strong className="font-medium">{melody.model}</strong> <span className="text-soft">seed</span> {melody.seed}
          </p>
          <p className="truncate text-xs text-soft">
            {melody.bars} bars, {melody.num_notes} notes
            <span className="hidden sm:inline">, {new Date(melody.created_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}</span>
          </p>
        </div>
        <div className="hidden h-12 min-w-0 flex-1 rounded-lg bg-canvas p-1 sm:block">
          {whole.data !== undefined && <MiniRoll notes={whole.data.notes} bars={melody.bars} className="h-full" />}
        </div>
        <Star melody={melody} name={name} />
        <Button kind="quiet" aria-label={`Open ${name} in the Studio`} title="Open in the Studio" onClick={() => deed.mutate(open)}>
          <Icon name="note" />
        </Button>
        <Button kind="quiet" aria-label={`Download ${name} as MIDI`} title="Download MIDI" onClick={() => deed.mutate(take)}>
          <Icon name="download" />
        </Button>
      </div>
      {deed.error !== null && <Failure of={deed.error} />}
    </li>
  );
}

function Star({ melody: { id, favourite }, name }: { melody: MelodySummary; name: string }) {
  const told = useMutation({ mutationFn: (isFavourite: boolean) => setFavourite(id, isFavourite), onSuccess: useAnew("melodies") });
  const isFavourite = told.isPending ? told.variables : favourite;
  return (
    <Button kind="quiet" aria-label={`Favourite ${name}`} aria-pressed={isFavourite} title={told.error?.message ?? "Favourite"} onClick={() => told.mutate(!isFavourite)}>
      <Icon name="star" className={isFavourite ? "fill-current" : ""} />
    </Button>
  );
}
