import type { Metadata } from "next";

import { Compare } from "@/components/compare/Compare";

export const metadata: Metadata = { title: "Compare" };

export default function Page() {
  return <Compare />;
}
