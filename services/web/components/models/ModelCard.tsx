import type { ReactNode } from "react";

import type { ModelVersion } from "@/lib/api/types";
import { type Distribution, featuresOf } from "@/lib/models/features";
import type { GenerationSpeed } from "@/lib/models/generationSpeed";
import { type Likelihood, likelihoodsOf } from "@/lib/models/likelihood";
import { type Fact, modelFacts } from "@/lib/models/modelFacts";

interface Props {
  model: ModelVersion;
  /** Lowest nats per note of any version, by comparison key. */
  lowest: ReadonlyMap<string, number>;
  speed: GenerationSpeed | null;
  children: ReactNode;
}

export function ModelCard({ model, lowest, speed, children }: Props) {
  return (
    <article aria-label={model.version} className="flex h-full flex-col gap-4 rounded-2xl border border-line bg-panel p-5">
      <header className="flex flex-wrap items-baseline gap-x-3">
        <h2 className="text-xl">{model.version}</h2>
        <code className="text-xs text-soft" title={model.sha256}>
          {model.sha256.slice(0, 12)}
        </code>
        <p className="mt-1 w-full text-sm text-soft">{model.description}</p>
      </header>
      {likelihoodsOf(model).map((likelihood) => (
        <LikelihoodBar key={likelihood.comparisonKey} likelihood={likelihood} lowest={lowest.get(likelihood.comparisonKey) ?? likelihood.natsPerNote} />
      ))}
      <Facts facts={modelFacts(model, speed)} />
      <Features model={model} />
      <div className="mt-auto">{children}</div>
    </article>
  );
}

function LikelihoodBar({ likelihood: { dataset, natsPerNote, limitation }, lowest }: { likelihood: Likelihood; lowest: number }) {
  return (
    <div>
      <p className="flex items-baseline gap-2">
        <span className="font-display text-3xl tabular-nums">{natsPerNote.toFixed(3)}</span>
        <span className="text-sm text-soft">
          nats per note on held-out pieces{dataset === null ? "" : ` of ${dataset}`}
          {limitation === null ? "" : `; ${limitation}`}
        </span>
      </p>
      <div aria-hidden className="mt-1 h-1.5 overflow-hidden rounded bg-raised">
        <div className="h-full bg-accent" style={{ width: `${Math.min(100, (lowest / natsPerNote) * 100)}%` }} />
      </div>
    </div>
  );
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="grid grid-cols-[6.5rem_1fr] gap-x-3 gap-y-1 text-sm">
      {facts.map(([label, value]) => (
        <div key={label} className="contents">
          <dt className="text-soft">{label}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Features({ model }: { model: ModelVersion }) {
  const features = featuresOf(model);
  if (features.length === 0) return null;
  return (
    <details>
      <summary className="text-sm text-soft">Samples compared with held-out pieces</summary>
      <table className="mt-2 w-full text-sm tabular-nums">
        <thead className="text-left text-soft">
          <tr>
            <th className="font-normal">Feature</th>
            <th className="font-normal">Samples</th>
            <th className="font-normal">Held out</th>
          </tr>
        </thead>
        <tbody>
          {features.map(({ label, samples, heldOut }) => (
            <tr key={label} className="border-t border-line">
              <th className="py-1 text-left font-normal">{label}</th>
              <td>{formatDistribution(samples)}</td>
              <td>{formatDistribution(heldOut)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

const formatDistribution = ({ mean, std }: Distribution): string => `${mean.toFixed(2)} ± ${std.toFixed(2)}`;
