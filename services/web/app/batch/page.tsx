import type { Metadata } from "next";

import { Batch } from "@/components/batch/Batch";

export const metadata: Metadata = { title: "Batch" };

export default function Page() {
  return <Batch />;
}
