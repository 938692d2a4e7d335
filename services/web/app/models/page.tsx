import type { Metadata } from "next";

import { Models } from "@/components/models/Models";

export const metadata: Metadata = { title: "Models" };

export default function Page() {
  return <Models />;
}
