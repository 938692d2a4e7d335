"use client";

import { Button } from "@/components/controls/Button";

import type { Studio } from "./useStudio";

/** The generate button: above the piano roll on a phone, else above the settings. */
export function GenerateButton({ studio, className }: { studio: Studio; className: string }) {
  const { model, isGenerating } = studio;
  return (
    <div className={`gap-2 ${className}`}>
      <Button kind="primary" disabled={model === undefined} onClick={studio.generate} className="min-h-12 flex-1 text-base">
        {isGenerating ? "Generate another" : "Generate"}
      </Button>
      {isGenerating && (
        <Button className="min-h-12" onClick={() => void studio.stop()}>
          Stop
        </Button>
      )}
    </div>
  );
}
