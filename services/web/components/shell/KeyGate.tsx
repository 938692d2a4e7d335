"use client";

// Nothing is shown before there is a key; who has none is asked for it.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, type SyntheticEvent, useEffect, useState } from "react";

import { Button } from "@/components/controls/Button";
import { Failure } from "@/components/controls/Notice";
import { findKey, keepKey, onRefusal } from "@/lib/api/key";

export function KeyGate({ children }: { children: ReactNode }) {
  const { data: key, isPending, refetch } = useQuery({ queryKey: ["key"], queryFn: findKey, staleTime: Infinity });
  const [typed, setTyped] = useState("");
  const [isRefused, setIsRefused] = useState(false);
  useEffect(
    () =>
      onRefusal(() => {
        setIsRefused(true);
        void refetch();
      }),
    [refetch],
  );
  if (isPending) return <p className="p-8 text-soft">Opening the studio ...</p>;
  if (typeof key === "string") return children;
  const open = (event: SyntheticEvent) => {
    event.preventDefault();
    keepKey(typed.trim());
    void refetch();
  };
  return (
    <form onSubmit={open} className="mx-auto mt-[12vh] max-w-md rounded-2xl border border-line bg-panel p-8">
      <h1 className="mb-2">Your API key</h1>
      <p className="mb-5 text-soft">
        The studio works with an API key. Whoever runs the server makes one with{" "}
        <code className="text-ink">python -m services.gateway.keys create</code>.
      </p>
      {isRefused && (
        <div className="mb-4">
          <Failure of="The server does not know the key that was here. It may have been revoked, or mistyped." />
        </div>
      )}
      <label htmlFor="key" className="mb-1 block text-sm">
        Key
      </label>
      <input
        id="key"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        placeholder="ost_..."
        autoComplete="off"
        className="mb-4 w-full rounded-lg border border-edge bg-canvas px-3 py-2"
      />
      <Button type="submit" kind="primary" disabled={typed.trim() === ""}>
        Open the studio
      </Button>
    </form>
  );
}
