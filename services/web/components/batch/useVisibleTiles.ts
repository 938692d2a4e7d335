"use client";

// Virtualizes a long grid: only the tiles near the viewport are rendered, because 100,000 would be too slow.
import { type CSSProperties, type RefObject, useEffect, useState } from "react";

/** Rows that are rendered above and below the viewport, so that scrolling shows no gaps. */
const OVERSCAN_ROWS = 2;

interface GridLayout {
  columns: number;
  /** Height of a row in pixels. */
  rowHeight: number;
  firstRow: number;
  lastRow: number;
}

const UNMEASURED: GridLayout = { columns: 1, rowHeight: 0, firstRow: 0, lastRow: 1 };

/** Virtualizes a CSS grid with rows of equal height and as many columns as its width allows. */
export function useVisibleTiles(list: RefObject<HTMLElement | null>) {
  const [{ columns, rowHeight, firstRow, lastRow }, setLayout] = useState(UNMEASURED);
  useEffect(() => {
    const grid = list.current;
    if (grid === null) return undefined;
    const measure = () => {
      const { gridTemplateColumns, gridAutoRows } = getComputedStyle(grid);
      const row = parseFloat(gridAutoRows);
      const above = -grid.getBoundingClientRect().top / row;
      const next = {
        columns: gridTemplateColumns.split(" ").length,
        rowHeight: row,
        firstRow: Math.max(0, Math.floor(above) - OVERSCAN_ROWS),
        lastRow: Math.max(1, Math.ceil(above + innerHeight / row) + OVERSCAN_ROWS),
      };
      setLayout((previous) => (JSON.stringify(previous) === JSON.stringify(next) ? previous : next));
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
    /** Range of tiles to render; `last` is exclusive. */
    first: firstRow * columns,
    last: lastRow * columns,
    /** Padding in place of the tiles that are not rendered. */
    padding: (tiles: number): CSSProperties => ({
      paddingTop: Math.min(firstRow, rowsOf(tiles)) * rowHeight,
      paddingBottom: Math.max(0, rowsOf(tiles) - lastRow) * rowHeight,
    }),
  };
}
