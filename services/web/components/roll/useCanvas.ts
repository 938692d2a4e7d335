"use client";

// Hooks for canvases: element size, drawing at the device's pixel ratio, dark mode.
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

/** Resizes a canvas to the device's pixels, and returns a context that draws in CSS pixels. */
export function scaledContext(canvas: HTMLCanvasElement, { width, height }: Size): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio;
  const pixelWidth = Math.round(width * ratio);
  const pixelHeight = Math.round(height * ratio);
  if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
  if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
  const context = canvas.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

export function useIsDark(): boolean {
  const [isDark, setIsDark] = useState(true);
  const media = useRef<MediaQueryList>(null);
  useEffect(() => {
    const system = (media.current ??= matchMedia("(prefers-color-scheme: dark)"));
    const update = () => {
      const chosen = document.documentElement.dataset.theme;
      setIsDark(chosen === undefined ? system.matches : chosen === "dark");
    };
    update();
    system.addEventListener("change", update);
    addEventListener("themechange", update);
    return () => {
      system.removeEventListener("change", update);
      removeEventListener("themechange", update);
    };
  }, []);
  return isDark;
}
