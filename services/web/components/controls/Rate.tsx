"use client";

import { useEffect, useRef, useState } from "react";

import { clock } from "@/lib/music/time";

const SECONDS = 20;

/** How many a second there were over the last while, and how long the rest takes at that. */
export function Rate({ done, count, of }: { done: number; count: number; of: string }) {
  const seen = useRef<{ at: number; done: number }[]>([]);
  const [rate, setRate] = useState(0);
  const latest = useRef(done);
  useEffect(() => {
    latest.current = done;
  }, [done]);
  useEffect(() => {
    const timer = setInterval(() => {
      const now = performance.now() / 1000;
      seen.current = [...seen.current.filter(({ at }) => at > now - SECONDS), { at: now, done: latest.current }];
      const [first] = seen.current;
      if (first !== undefined && now > first.at) setRate((latest.current - first.done) / (now - first.at));
    }, 1_000);
    return () => clearInterval(timer);
  }, []);
  if (rate <= 0) return null;
  return (
    <p className="text-soft tabular-nums">
      {rate.toFixed(1)} {of} a second, {clock((count - done) / rate)} to go
    </p>
  );
}
