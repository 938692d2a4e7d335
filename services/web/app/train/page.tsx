import type { Metadata } from "next";

import { Train } from "@/components/train/Train";

export const metadata: Metadata = { title: "Train" };

export default function Page() {
  return <Train />;
}
