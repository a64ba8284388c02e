import type { Pipeline } from '../../core/pipeline.ts';
import { pipelines as golden } from '../golden/pipelines.ts';
import { hasty, patient } from '../oracle/flights-pipelines.ts';
import { lookups } from './lookup-pipeline.ts';
import { published, storm } from './storm-pipeline.ts';

/** The pipelines that an app under test may run, by a name: a worker process gets no more than that. */
export type PipelineSet = 'flights' | 'storm' | 'published' | 'lookups' | `golden ${string}`;

const sets: Readonly<Record<string, readonly Pipeline[]>> = {
  flights: [patient, hasty],
  storm: [storm],
  published: [published],
  lookups: [lookups],
  ...Object.fromEntries(Object.entries(golden).map(([name, one]) => [`golden ${name}`, [one]])),
};

/** The pipelines of a name. */
export function pipelinesOf(name: string): readonly Pipeline[] {
  const found = sets[name];
  if (found === undefined) throw new Error(`There is no set of pipelines '${name}'.`);
  return found;
}
