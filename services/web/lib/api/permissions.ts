// What the key of this browser may be used for: the pages hide the rest, which the gateway rejects.
import { useQuery } from "@tanstack/react-query";

import { resolveKey } from "./apiKey";
import { getIdentity } from "./endpoints";
import type { ModelVersion, Scope } from "./types";

/** The scopes of the key; undefined until they are known. */
export function useScopes(): readonly Scope[] | undefined {
  const { data: key } = useQuery({ queryKey: ["key"], queryFn: resolveKey, staleTime: Infinity });
  return useQuery({ queryKey: ["identity", key], queryFn: getIdentity, enabled: typeof key === "string", staleTime: 60_000 }).data?.scopes;
}

/** Whether a key with these scopes may promote a version: of the listed ones with an owner, a key without `admin` sees its own only. */
export const mayPromote = ({ owner }: Pick<ModelVersion, "owner">, scopes: readonly Scope[] = []): boolean =>
  scopes.includes("admin") || (owner != null && scopes.includes("train"));

/** Whether a key with these scopes may let everybody use a version. */
export const mayPublish = ({ owner }: Pick<ModelVersion, "owner">, scopes: readonly Scope[] = []): boolean =>
  owner != null && scopes.includes("admin");
