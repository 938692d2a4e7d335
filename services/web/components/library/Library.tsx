"use client";

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";
import { EmptyState, ErrorNotice } from "@/components/controls/notices";
import { type MelodyPlayback, useMelodyPlayback } from "@/components/melody/useMelodyPlayback";
import { MiniPianoRoll } from "@/components/roll/MiniPianoRoll";
import { endOf } from "@/lib/music/bars";
import { deleteMelody, getMelody, getMidi, listMelodies, setFavourite } from "@/lib/api/endpoints";
import { useInvalidateQueries } from "@/lib/api/queries";
import type { MelodySummary } from "@/lib/api/types";
import { clipOf } from "@/lib/music/clip";
import { download } from "@/lib/studio/download";
import { openInStudio } from "@/lib/studio/session";

/** The arrow keys move the focus to the play button of the next or previous row. */
function moveFocus(event: KeyboardEvent<HTMLUListElement>): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row] [data-play]")];
  const row = (event.target as HTMLElement).closest("[data-row]")?.querySelector<HTMLElement>("[data-play]");
  rows[rows.findIndex((element) => element === row) + step]?.focus();
}

export function Library() {
  const [search, setSearch] = useState("");
  const [favouritesOnly, setFavouritesOnly] = useState(false);
  const playback = useMelodyPlayback();
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["melodies", { favourites: favouritesOnly }],
    queryFn: ({ pageParam }) => listMelodies(pageParam, favouritesOnly),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
  const all = data?.pages.flatMap(({ items }) => items) ?? [];
  const terms = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = all.filter((melody) => {
    const text = `${melody.model} ${melody.seed} ${melody.bars} bars`.toLowerCase();
    return terms.every((term) => text.includes(term));
  });
  return (
    <>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <h1>Library</h1>
        <div className="flex w-full items-end gap-2 sm:w-auto">
          <Button aria-pressed={favouritesOnly} onClick={() => setFavouritesOnly(!favouritesOnly)}>
            <Icon name="star" className={favouritesOnly ? "fill-current" : ""} /> Favourites
          </Button>
          <div className="min-w-0 flex-1 sm:w-80">
            <label htmlFor="search" className="mb-1 block text-sm text-soft">
              Search by model, seed or length
            </label>
            <input id="search" type="search" value={search} onChange={({ target }) => setSearch(target.value)} className="h-10 w-full rounded-lg border border-edge bg-panel px-3 text-sm" />
          </div>
        </div>
      </div>
      {error !== null && <ErrorNotice error={error} />}
      {isPending && <p className="text-soft">Loading melodies ...</p>}
      {!isPending && all.length === 0 && error === null && (
        <EmptyState title={favouritesOnly ? "No favourites yet" : "No melodies yet"}>
          <p>{favouritesOnly ? "Press the star next to a melody to list it here." : "Melodies that you generate in Studio, Compare or Batch are listed here."}</p>
        </EmptyState>
      )}
      {all.length > 0 && shown.length === 0 && <p className="text-soft">No melody matches the search.</p>}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the buttons in the list have the focus */}
      <ul onKeyDown={moveFocus} aria-label="Melodies" className="grid grid-cols-[minmax(0,1fr)] gap-2">
        {shown.map((melody) => (
          <MelodyRow key={melody.id} melody={melody} playback={playback} />
        ))}
      </ul>
      {hasNextPage && (
        <Button className="mt-4" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older
        </Button>
      )}
    </>
  );
}

function MelodyRow({ melody, playback }: { melody: MelodySummary; playback: MelodyPlayback }) {
  const router = useRouter();
  const queries = useQueryClient();
  const query = { queryKey: ["melody", melody.id], queryFn: () => getMelody(melody.id), staleTime: Infinity };
  const details = useQuery(query);
  const isPlaying = playback.playingId === melody.id;
  const name = `${melody.model}, seed ${melody.seed}`;
  const action = useMutation({ mutationFn: (run: () => Promise<void>) => run() });
  const play = async () => playback.toggle(melody.id, clipOf(await queries.query(query)));
  const open = async () => {
    openInStudio(clipOf(await queries.query(query)));
    router.push("/");
  };
  const invalidate = useInvalidateQueries("melodies");
  const remove = async () => {
    if (!window.confirm(`Delete ${name}? This cannot be undone.`)) return;
    await deleteMelody(melody.id);
    await invalidate();
  };
  const save = async () => download(await getMidi({ kind: "melody", id: melody.id }), `ostinato-${melody.model}-${melody.seed}.mid`);
  return (
    <li data-row className="rounded-xl border border-line bg-panel p-2 pr-3">
      <div className="flex items-center gap-3">
        <Button data-play kind={isPlaying ? "primary" : "plain"} aria-label={`${isPlaying ? "Stop" : "Play"} ${name}`} onClick={() => action.mutate(play)}>
          <Icon name={isPlaying ? "pause" : "play"} />
        </Button>
        <div className="min-w-0 flex-1 sm:w-56 sm:flex-none">
          <p className="truncate text-sm">
            <strong className="font-medium">{melody.model}</strong> <span className="text-soft">seed</span> {melody.seed}
          </p>
          <p className="truncate text-xs text-soft">
            {melody.bars} bars{melody.partial && " (partial)"}, {melody.num_notes} notes
            <span className="hidden sm:inline">, {new Date(melody.created_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}</span>
          </p>
        </div>
        <div className="hidden h-12 min-w-0 flex-1 rounded-lg bg-canvas p-1 sm:block">
          {details.data !== undefined && <MiniPianoRoll notes={details.data.notes} end={endOf(details.data.bar_positions)} className="h-full" />}
        </div>
        <FavouriteButton melody={melody} name={name} />
        <Button kind="quiet" aria-label={`Open ${name} in the Studio`} title="Open in the Studio" onClick={() => action.mutate(open)}>
          <Icon name="note" />
        </Button>
        <Button kind="quiet" aria-label={`Download ${name} as MIDI`} title="Download MIDI" onClick={() => action.mutate(save)}>
          <Icon name="download" />
        </Button>
        <Button kind="quiet" aria-label={`Delete ${name}`} title="Delete" onClick={() => action.mutate(remove)}>
          <Icon name="trash" />
        </Button>
      </div>
      {action.error !== null && <ErrorNotice error={action.error} />}
    </li>
  );
}

function FavouriteButton({ melody: { id, favourite }, name }: { melody: MelodySummary; name: string }) {
  const change = useMutation({ mutationFn: (isFavourite: boolean) => setFavourite(id, isFavourite), onSuccess: useInvalidateQueries("melodies") });
  const isFavourite = change.isPending ? change.variables : favourite;
  return (
    <Button kind="quiet" aria-label={`Favourite ${name}`} aria-pressed={isFavourite} title={change.error?.message ?? "Favourite"} onClick={() => change.mutate(!isFavourite)}>
      <Icon name="star" className={isFavourite ? "fill-current" : ""} />
    </Button>
  );
}
