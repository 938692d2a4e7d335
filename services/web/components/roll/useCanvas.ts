"use client";

// A canvas that is as large as its place, sharp on any screen, and knows whether it is dark.
import { type RefObject, useEffect, useRef, useState } from "react";

export interface Size {
  width: number;
  height: number;
}

export function useSize(element: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** The drawing context of a canvas of this size; drawn on in CSS pixels. */
export function sharp(canvas: HTMLCanvasElement, { width, height }: Size): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio;
  const wide = Math.round(width * ratio);
  const high = Math.round(height * ratio);
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const context = canvas.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

export function useIsDark(): boolean {
  const [isDark, setIsDark] = useState(true);
  const media = useRef<MediaQueryList>(null);
  useEffect(() => {
    const system = (media.current ??= matchMedia("(prefers-color-scheme: dark)"));
    const look = () => {
      const chosen = document.documentElement.dataset.theme;
      setIsDark(chosen === undefined ? system.matches : chosen === "dark");
    };
    look();
    system.addEventListener("change", look);
    addEventListener("themechange", look);
    return () => {
      system.removeEventListener("change", look);
      removeEventListener("themechange", look);
    };
  }, []);
  return isDark;
}
