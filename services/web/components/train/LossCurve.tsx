"use client";

// The loss curves of a training, on training data and on held-out pieces.
import "uplot/dist/uPlot.min.css";

import { useEffect, useRef } from "react";
import type uPlot from "uplot";

import { useIsDark, useSize } from "@/components/roll/useCanvas";
import type { TrainingMetrics } from "@/lib/api/types";

const HEIGHT = 220;

export function LossCurve({ metrics }: { metrics: readonly TrainingMetrics[] }) {
  const container = useRef<HTMLDivElement>(null);
  const { width } = useSize(container);
  const isDark = useIsDark();
  useEffect(() => {
    if (container.current === null || width === 0 || metrics.length === 0) return undefined;
    const element = container.current;
    let plot: uPlot | undefined;
    let isUnmounted = false;
    void import("uplot").then(({ default: Plot }) => {
      if (isUnmounted) return;
      plot = new Plot(plotOptions(width, isDark), toSeries(metrics), element);
    });
    return () => {
      isUnmounted = true;
      plot?.destroy();
    };
  }, [width, isDark, metrics]);
  const last = metrics.at(-1);
  return (
    <figure className="min-w-0">
      <div ref={container} className="overflow-hidden" style={{ minHeight: metrics.length === 0 ? 0 : HEIGHT + 32 }} />
      <figcaption className="text-sm text-soft">
        {last === undefined
          ? "The curve starts with the first validation."
          : `Step ${last.step}: ${last.held_out_nats_per_note.toFixed(3)} nats per note on held-out pieces, ${last.train_nats_per_token.toFixed(3)} nats per token in training.`}
      </figcaption>
    </figure>
  );
}

const toSeries = (metrics: readonly TrainingMetrics[]): uPlot.AlignedData => [
  metrics.map(({ step }) => step),
  metrics.map(({ held_out_nats_per_note }) => held_out_nats_per_note),
  metrics.map(({ train_nats_per_token }) => train_nats_per_token),
];

function plotOptions(width: number, isDark: boolean): uPlot.Options {
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
