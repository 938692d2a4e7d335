"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { type DragEvent, type InputHTMLAttributes, useRef, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Failure } from "@/components/controls/Notice";
import { listDatasets, postDataset } from "@/lib/api/calls";
import { useAnew } from "@/lib/api/queries";
import type { Dataset } from "@/lib/api/wire";
import { nameFrom, zipOf } from "@/lib/train/zip";

/** React has no name for it; every browser does. */
const FOLDER = { webkitdirectory: "" } as InputHTMLAttributes<HTMLInputElement>;

export const useDatasets = () =>
  useQuery({
    queryKey: ["datasets"],
    queryFn: listDatasets,
    refetchInterval: ({ state }) => (state.data?.some((each) => each.state === "reading") === true ? 1_000 : false),
  });

export function Datasets() {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const { data, error } = useDatasets();
  const upload = useMutation({
    mutationFn: async (chosen: readonly File[]) => {
      const zip = await zipOf(chosen);
      if (zip === null) throw new Error("There is no MIDI file in that. Choose a folder, MIDI files or a zip of them.");
      const [first] = chosen;
      return postDataset(nameFrom(first?.webkitRelativePath.split("/")[0] || first?.name || ""), zip);
    },
    onSuccess: useAnew("datasets"),
  });
  const take = (list: FileList | null) => list !== null && list.length > 0 && upload.mutate([...list]);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <section aria-label="Music to learn from">
      <h2 className="mb-2">Music to learn from</h2>
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- dropping is one way more; the buttons do the same */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
        className={`flex flex-wrap items-center justify-center gap-3 rounded-2xl border border-dashed px-4 py-6 text-sm text-soft ${isOver ? "border-accent" : "border-edge"}`}
      >
        <input ref={files} type="file" multiple accept=".mid,.midi,.zip" aria-label="MIDI files or a zip" tabIndex={-1} className="sr-only" onChange={({ target }) => take(target.files)} />
        <input ref={folder} type="file" aria-label="A folder of MIDI files" tabIndex={-1} className="sr-only" onChange={({ target }) => take(target.files)} {...FOLDER} />
        {upload.isPending ? "Sending ..." : "Drop MIDI files or a zip of them here"}
        <Button disabled={upload.isPending} onClick={() => files.current?.click()}>Choose files</Button>
        <Button disabled={upload.isPending} onClick={() => folder.current?.click()}>Choose a folder</Button>
      </div>
      {[upload.error, error].map((problem, i) => problem !== null && <Failure key={i} of={problem} />)}
      <ul className="mt-3 grid gap-2">
        {data?.map((dataset) => (
          <li key={dataset.id} className="rounded-xl border border-line bg-panel px-4 py-3 text-sm">
            <Report dataset={dataset} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Report({ dataset: { name, files, report, error, state } }: { dataset: Dataset }) {
  if (error != null) return <p><strong className="font-medium">{name}</strong> <span className="text-bad">{error.detail}</span></p>;
  if (report == null) return <p role="status"><strong className="font-medium">{name}</strong> <span className="text-soft">{files} files are being read ...</span></p>;
  const leftOut = Object.entries(report.left_out);
  return (
    <>
      <p>
        <strong className="font-medium">{name}</strong>{" "}
        <span className="text-soft">
          {report.kept} of {report.found} files kept, {report.hours.toFixed(1)} hours, {report.notes.toLocaleString("en")} notes; {report.train} to learn from, {report.held_out} held out
        </span>
        <span className="sr-only">, {state}</span>
      </p>
      {leftOut.length > 0 && <p className="mt-1 text-xs text-soft">Left out: {leftOut.map(([why, count]) => `${count} ${why}`).join("; ")}</p>}
    </>
  );
}
