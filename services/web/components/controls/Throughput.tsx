"use client";

import { useEffect, useRef, useState } from "react";

import { formatClock } from "@/lib/music/time";

const WINDOW_SECONDS = 20;

/** Shows the units per second over the last 20 seconds, and the remaining time at that rate. */
export function Throughput({ done, count, unit }: { done: number; count: number; unit: string }) {
  const samples = useRef<{ time: number; done: number }[]>([]);
  const [rate, setRate] = useState(0);
  const latest = useRef(done);
  useEffect(() => {
    latest.current = done;
  }, [done]);
  useEffect(() => {
    const timer = setInterval(() => {
      const now = performance.now() / 1000;
      samples.current = [...samples.current.filter(({ time }) => time > now - WINDOW_SECONDS), { time: now, done: latest.current }];
      const [first] = samples.current;
      if (first !== undefined && now > first.time) setRate((latest.current - first.done) / (now - first.time));
    }, 1_000);
    return () => clearInterval(timer);
  }, []);
  if (rate <= 0) return null;
  return (
    <p className="text-soft tabular-nums">
      {rate.toFixed(1)} {unit} per second, {formatClock((count - done) / rate)} left
    </p>
  );
}
