import type { ReactNode } from "react";

import type { ModelVersion } from "@/lib/api/wire";
import { spoken, traitsOf } from "@/lib/models/card";
import { type Fact, factsOf } from "@/lib/models/facts";
import type { Speed } from "@/lib/models/speed";
import { type Surprise, surprisesOf } from "@/lib/models/surprise";

interface Props {
  model: ModelVersion;
  /** The least nats per note of all versions, by kind. */
  least: ReadonlyMap<string, number>;
  speed: Speed | null;
  children: ReactNode;
}

export function Card({ model, least, speed, children }: Props) {
  return (
    <article aria-label={model.version} className="flex h-full flex-col gap-4 rounded-2xl border border-line bg-panel p-5">
      <header className="flex flex-wrap items-baseline gap-x-3">
        <h2 className="text-xl">{model.version}</h2>
        <code className="text-xs text-soft" title={model.sha256}>
          {model.sha256.slice(0, 12)}
        </code>
        <p className="mt-1 w-full text-sm text-soft">{model.description}</p>
      </header>
      {surprisesOf(model).map((surprise) => (
        <Surprised key={surprise.kind} surprise={surprise} least={least.get(surprise.kind) ?? surprise.natsPerNote} />
      ))}
      <Facts facts={factsOf(model, speed)} />
      <Traits model={model} />
      <div className="mt-auto">{children}</div>
    </article>
  );
}

function Surprised({ surprise: { set, natsPerNote, note }, least }: { surprise: Surprise; least: number }) {
  return (
    <div>
      <p className="flex items-baseline gap-2">
        <span className="font-display text-3xl tabular-nums">{natsPerNote.toFixed(3)}</span>
        <span className="text-sm text-soft">
          nats per note on held-out pieces{set === null ? "" : ` of ${set}`}
          {note === null ? "" : `; ${note}`}
        </span>
      </p>
      <div aria-hidden className="mt-1 h-1.5 overflow-hidden rounded bg-raised">
        <div className="h-full bg-accent" style={{ width: `${Math.min(100, (least / natsPerNote) * 100)}%` }} />
      </div>
    </div>
  );
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="grid grid-cols-[6.5rem_1fr] gap-x-3 gap-y-1 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Traits({ model }: { model: ModelVersion }) {
  const traits = traitsOf(model);
  if (traits.length === 0) return null;
  return (
    <details>
      <summary className="text-sm text-soft">What it writes, beside music that it never saw</summary>
      <table className="mt-2 w-full text-sm tabular-nums">
        <thead className="text-left text-soft">
          <tr>
            <th className="font-normal">Trait</th>
            <th className="font-normal">Written</th>
            <th className="font-normal">Held out</th>
          </tr>
        </thead>
        <tbody>
          {traits.map((trait) => (
            <tr key={trait.name} className="border-t border-line">
              <th className="py-1 text-left font-normal">{spoken(trait.name)}</th>
              <td>{trait.samples.toFixed(2)} ± {trait.samplesSpread.toFixed(2)}</td>
              <td>{trait.heldOut.toFixed(2)} ± {trait.heldOutSpread.toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
