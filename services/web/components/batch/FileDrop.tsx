"use client";

// Submits a file of requests, which is chosen or dropped.
import { type DragEvent, useRef, useState } from "react";

import { Button } from "@/components/controls/Button";
import type { InvalidLines } from "@/lib/api/types";

interface Props {
  isBusy: boolean;
  onSubmit: (file: File, invalidLines: InvalidLines) => void;
}

export function FileDrop({ isBusy, onSubmit }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [isDragOver, setIsDragOver] = useState(false);
  const [isLenient, setIsLenient] = useState(false);
  const submit = (files: FileList | null) => {
    const file = files?.[0];
    if (file !== undefined && !isBusy) onSubmit(file, isLenient ? "report" : "reject");
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsDragOver(false);
    submit(event.dataTransfer.files);
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the button does the same for keyboards
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setIsDragOver(true);
      }}
      onDragLeave={() => setIsDragOver(false)}
      onDrop={drop}
      className={`mt-3 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl border border-dashed px-4 py-3 text-sm text-soft ${isDragOver ? "border-accent" : "border-edge"}`}
    >
      <input
        ref={input}
        type="file"
        accept=".jsonl,.ndjson,.json,.txt"
        aria-label="A file of requests"
        tabIndex={-1}
        className="sr-only"
        onChange={({ target }) => {
          submit(target.files);
          target.value = ""; // the same file may be chosen again
        }}
      />
      <p className="min-w-48 flex-1">
        {isBusy ? (
          "Sending ..."
        ) : (
          <>
            Or drop a <code className="text-ink">.jsonl</code> file here: a request a line, such as{" "}
            <code className="text-ink wrap-anywhere">{'{"custom_id": "verse 1", "bars": 8, "scale": {"tonic": "D", "mode": "dorian"}}'}</code>
          </>
        )}
      </p>
      <label className="flex min-h-10 items-center gap-2">
        <input type="checkbox" className="size-4" checked={isLenient} onChange={({ target }) => setIsLenient(target.checked)} />
        Skip invalid lines and list them
      </label>
      <Button disabled={isBusy} onClick={() => input.current?.click()}>
        Choose a file
      </Button>
    </div>
  );
}
