"use client";

// Shows the pages once there is an API key; asks for one otherwise.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, type SyntheticEvent, useEffect, useState } from "react";

import { Button } from "@/components/controls/Button";
import { ErrorNotice } from "@/components/controls/notices";
import { onKeyRejected, resolveKey, saveKey } from "@/lib/api/apiKey";

export function ApiKeyGate({ children }: { children: ReactNode }) {
  const { data: key, isPending, refetch } = useQuery({ queryKey: ["key"], queryFn: resolveKey, staleTime: Infinity });
  const [input, setInput] = useState("");
  const [isRejected, setIsRejected] = useState(false);
  useEffect(
    () =>
      onKeyRejected(() => {
        setIsRejected(true);
        void refetch();
      }),
    [refetch],
  );
  if (isPending) return <p className="p-8 text-soft">Loading the studio ...</p>;
  if (typeof key === "string") return children;
  const open = (event: SyntheticEvent) => {
    event.preventDefault();
    saveKey(input.trim());
    void refetch();
  };
  return (
    <form onSubmit={open} className="mx-auto mt-[12vh] max-w-md rounded-2xl border border-line bg-panel p-8">
      <h1 className="mb-2">Your API key</h1>
      <p className="mb-5 text-soft">
        The studio needs an API key. The operator of the server creates one with{" "}
        <code className="text-ink">python -m services.gateway.keys.manage_api_keys create</code>.
      </p>
      {isRejected && (
        <div className="mb-4">
          <ErrorNotice error="The server does not accept this key. It may be revoked or mistyped." />
        </div>
      )}
      <label htmlFor="key" className="mb-1 block text-sm">
        Key
      </label>
      <input
        id="key"
        value={input}
        onChange={(event) => setInput(event.target.value)}
        placeholder="ost_..."
        autoComplete="off"
        className="mb-4 w-full rounded-lg border border-edge bg-canvas px-3 py-2"
      />
      <Button type="submit" kind="primary" disabled={input.trim() === ""}>
        Open the studio
      </Button>
    </form>
  );
}
