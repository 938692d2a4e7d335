"use client";

// Which tiles of a long grid are in sight: ten thousand pictures at once would be too many for a browser.
import { type CSSProperties, type RefObject, useEffect, useState } from "react";

/** Rows that are drawn above and below of what is seen, so that the next ones are there already. */
const SPARE = 2;

interface Rows {
  columns: number;
  /** Pixels of one row. */
  height: number;
  first: number;
  last: number;
}

const BEFORE_IT_IS_MEASURED: Rows = { columns: 1, height: 0, first: 0, last: 1 };

/** For a grid whose rows are all equally high and whose columns follow from its width. */
export function useTilesInSight(list: RefObject<HTMLElement | null>) {
  const [{ columns, height, first, last }, setRows] = useState(BEFORE_IT_IS_MEASURED);
  useEffect(() => {
    const grid = list.current;
    if (grid === null) return undefined;
    const measure = () => {
      const { gridTemplateColumns, gridAutoRows } = getComputedStyle(grid);
      const row = parseFloat(gridAutoRows);
      const above = -grid.getBoundingClientRect().top / row;
      const next = {
        columns: gridTemplateColumns.split(" ").length,
        height: row,
        first: Math.max(0, Math.floor(above) - SPARE),
        last: Math.max(1, Math.ceil(above + innerHeight / row) + SPARE),
      };
      setRows((was) => (JSON.stringify(was) === JSON.stringify(next) ? was : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(grid);
    addEventListener("scroll", measure, { passive: true });
    addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      removeEventListener("scroll", measure);
      removeEventListener("resize", measure);
    };
  }, [list]);
  const rowsOf = (tiles: number) => Math.ceil(tiles / columns);
  return {
    /** The tiles to draw: from this one on, and up to that one. */
    first: first * columns,
    last: last * columns,
    /** Room for those that are not drawn. */
    margins: (tiles: number): CSSProperties => ({
      paddingTop: Math.min(first, rowsOf(tiles)) * height,
      paddingBottom: Math.max(0, rowsOf(tiles) - last) * height,
    }),
  };
}
