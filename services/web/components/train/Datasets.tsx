"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { type DragEvent, type InputHTMLAttributes, useRef, useState } from "react";

import { Button } from "@/components/controls/Button";
import { ErrorNotice } from "@/components/controls/notices";
import { listDatasets, uploadDataset } from "@/lib/api/endpoints";
import { useInvalidateQueries } from "@/lib/api/queries";
import type { Dataset } from "@/lib/api/types";
import { datasetName, toZip } from "@/lib/train/zip";

/** An attribute that browsers support and React's types lack. */
const FOLDER = { webkitdirectory: "" } as InputHTMLAttributes<HTMLInputElement>;

export const useDatasets = () =>
  useQuery({
    queryKey: ["datasets"],
    queryFn: listDatasets,
    refetchInterval: ({ state }) => (state.data?.some((dataset) => dataset.state === "processing") === true ? 1_000 : false),
  });

export function Datasets() {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [isDragOver, setIsDragOver] = useState(false);
  const { data, error } = useDatasets();
  const upload = useMutation({
    mutationFn: async (selected: readonly File[]) => {
      const zip = await toZip(selected);
      if (zip === null) throw new Error("No MIDI file found. Choose a folder, MIDI files or a zip of MIDI files.");
      const [first] = selected;
      return uploadDataset(datasetName(first?.webkitRelativePath.split("/")[0] || first?.name || ""), zip);
    },
    onSuccess: useInvalidateQueries("datasets"),
  });
  const submit = (list: FileList | null) => list !== null && list.length > 0 && upload.mutate([...list]);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsDragOver(false);
    submit(event.dataTransfer.files);
  };
  return (
    <section aria-label="Data sets">
      <h2 className="mb-2">Data sets</h2>
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the buttons do the same for keyboards */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setIsDragOver(true);
        }}
        onDragLeave={() => setIsDragOver(false)}
        onDrop={drop}
        className={`flex flex-wrap items-center justify-center gap-3 rounded-2xl border border-dashed px-4 py-6 text-sm text-soft ${isDragOver ? "border-accent" : "border-edge"}`}
      >
        <input ref={files} type="file" multiple accept=".mid,.midi,.kar,.rmi,.musicxml,.mxl,.abc,.zip" aria-label="MIDI files or a zip" tabIndex={-1} className="sr-only" onChange={({ target }) => submit(target.files)} />
        <input ref={folder} type="file" aria-label="A folder of MIDI files" tabIndex={-1} className="sr-only" onChange={({ target }) => submit(target.files)} {...FOLDER} />
        {upload.isPending ? "Uploading ..." : "Drop MIDI files or a zip of them here"}
        <Button disabled={upload.isPending} onClick={() => files.current?.click()}>Choose files</Button>
        <Button disabled={upload.isPending} onClick={() => folder.current?.click()}>Choose a folder</Button>
      </div>
      {[upload.error, error].map((problem, i) => problem !== null && <ErrorNotice key={i} error={problem} />)}
      <ul className="mt-3 grid gap-2">
        {data?.map((dataset) => (
          <li key={dataset.id} className="rounded-xl border border-line bg-panel px-4 py-3 text-sm">
            <DatasetReport dataset={dataset} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function DatasetReport({ dataset: { name, num_files, report, error, state } }: { dataset: Dataset }) {
  if (error != null) return <p><strong className="font-medium">{name}</strong> <span className="text-bad">{error.detail}</span></p>;
  if (report == null) return <p role="status"><strong className="font-medium">{name}</strong> <span className="text-soft">Importing {num_files} files ...</span></p>;
  const skipped = Object.entries(report.skipped);
  return (
    <>
      <p>
        <strong className="font-medium">{name}</strong>{" "}
        <span className="text-soft">
          {report.used} of {report.found} files used, {report.hours.toFixed(1)} hours, {report.num_notes.toLocaleString("en")} notes; {report.train} for training, {report.held_out} held out
        </span>
        <span className="sr-only">, {state}</span>
      </p>
      {skipped.length > 0 && <p className="mt-1 text-xs text-soft">Skipped: {skipped.map(([reason, count]) => `${count} ${reason}`).join("; ")}</p>}
      {report.skipped_files.length > 0 && (
        <details className="mt-1 text-xs text-soft">
          <summary className="cursor-pointer">Files that are not used</summary>
          <ul className="mt-1 max-h-48 overflow-y-auto">
            {report.skipped_files.map((file, i) => (
              <li key={i} className="break-words py-0.5">
                <span className="text-ink">{file.name}</span>: {file.detail || file.reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
