"use client";

// The learning curve: how surprised the network is by what it learns from, and by what it never sees.
import "uplot/dist/uPlot.min.css";

import { useEffect, useRef } from "react";
import type uPlot from "uplot";

import { useIsDark, useSize } from "@/components/roll/useCanvas";
import type { TrainingPoint } from "@/lib/api/wire";

const HEIGHT = 220;

export function Curve({ points }: { points: readonly TrainingPoint[] }) {
  const place = useRef<HTMLDivElement>(null);
  const { width } = useSize(place);
  const isDark = useIsDark();
  useEffect(() => {
    if (place.current === null || width === 0 || points.length === 0) return undefined;
    const element = place.current;
    let plot: uPlot | undefined;
    let isGone = false;
    void import("uplot").then(({ default: Plot }) => {
      if (isGone) return;
      plot = new Plot(options(width, isDark), dataOf(points), element);
    });
    return () => {
      isGone = true;
      plot?.destroy();
    };
  }, [width, isDark, points]);
  const last = points.at(-1);
  return (
    <figure className="min-w-0">
      <div ref={place} className="overflow-hidden" style={{ minHeight: points.length === 0 ? 0 : HEIGHT + 32 }} />
      <figcaption className="text-sm text-soft">
        {last === undefined
          ? "The curve begins with the first examination."
          : `Step ${last.step}: ${last.held_out_nats_per_note.toFixed(3)} nats per note on held-out pieces, ${last.train_nats_per_token.toFixed(3)} nats per token in training.`}
      </figcaption>
    </figure>
  );
}

const dataOf = (points: readonly TrainingPoint[]): uPlot.AlignedData => [
  points.map(({ step }) => step),
  points.map((point) => point.held_out_nats_per_note),
  points.map((point) => point.train_nats_per_token),
];

function options(width: number, isDark: boolean): uPlot.Options {
  const soft = isDark ? "#a5abb8" : "#625b50";
  const line = isDark ? "#2d323e" : "#ddd6c9";
  const axis: uPlot.Axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
  return {
    width,
    height: HEIGHT,
    scales: { x: { time: false } },
    axes: [{ ...axis }, { ...axis, size: 44 }],
    series: [
      { label: "Step" },
      { label: "Held out, nats per note", stroke: isDark ? "#ffb066" : "#9a3f10", width: 2, points: { show: true } },
      { label: "Training, nats per token", stroke: soft, width: 1.5, dash: [5, 4] },
    ],
  };
}
