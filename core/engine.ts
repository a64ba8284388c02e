import type { Compression } from './compression.ts';
import type { Sinks } from './finals/publishing.ts';
import { MeteredStore } from './journal/metered-store.ts';
import { Tally, type UsageRules } from './journal/tally.ts';
import type { Limits } from './limits.ts';
import { Maintenance } from './maintain.ts';
import type { Pipeline } from './pipeline.ts';
import type { Idle } from './plan.ts';
import type { Clock } from './ports/clock.ts';
import type { MessageQueue } from './ports/message-queue.ts';
import type { ObjectStore } from './ports/object-store.ts';
import type { StateStore } from './ports/state-store.ts';
import type { StreamReader } from './ports/stream-reader.ts';
import type { Telemetry } from './ports/telemetry.ts';
import { Processor } from './process.ts';
import { Reader } from './query/reader.ts';
import type { PageContext } from './view/page.ts';

/** What the pipelines of one stream run on. */
export interface EngineParts {
  readonly pipelines: readonly Pipeline[];
  readonly store: StateStore;
  readonly objects: ObjectStore;
  readonly notices: MessageQueue;
  /** Where views are published, by name: all that the pipelines name. */
  readonly sinks: Sinks;
  readonly stream: StreamReader;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly compression: Compression;
  readonly limits: Limits;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  /** How long the stream keeps records, seconds. */
  readonly retentionSeconds: number;
  /** What becomes of time when all partitions are idle, where the definition leaves it to the host. */
  readonly idle: Idle;
  /** For how long what the stream said about its lag is good enough for an answer, milliseconds. */
  readonly lagMs: number;
  /** What is billed by size and time; without them nothing is counted. */
  readonly usageRules?: UsageRules;
}

/** A pipeline's journal and the reader over it. */
export interface Served {
  readonly journal: PageContext;
  readonly reader: Reader;
}

/** The pipelines of one stream, ready to process and to answer; the same on every host. */
export interface Engine {
  /** By pipeline name, in the order given. */
  readonly served: ReadonlyMap<string, Served>;
  readonly journals: readonly PageContext[];
  /** Brings a batch into all journals. */
  readonly processor: Processor;
  /** One for each journal, for a host that runs them apart. */
  readonly processors: readonly Processor[];
  readonly maintenance: Maintenance;
}

/** Puts the pipelines together over the ports. It starts nothing. */
export function engineOf(parts: EngineParts): Engine {
  const { pipelines, store, objects, limits, compression, stream, clock } = parts;
  const served = new Map<string, Served>();
  for (const { name, plan } of pipelines) {
    const scope = { pipeline: name, generation: 1 };
    const journal: PageContext = {
      ...{ objects, scope, plan, limits, compression },
      ...counted(store, parts.usageRules),
    };
    served.set(name, { journal, reader: new Reader(journal, stream, clock, parts) });
  }
  const journals = [...served.values()].map(({ journal }) => journal);
  const readers = [...served.values()].map(({ reader }) => reader);
  const processor = new Processor({ ...parts, journals });
  return {
    ...{ served, journals, processor },
    processors: journals.map((journal) => new Processor({ ...parts, journals: [journal] })),
    maintenance: new Maintenance({ ...parts, journals, readers, processor }),
  };
}

/** The store of one pipeline, with a tally of its use where there are rules for one. */
function counted(store: StateStore, rules?: UsageRules): Pick<PageContext, 'store' | 'tally'> {
  if (rules === undefined) return { store };
  const tally = new Tally(rules);
  return { store: new MeteredStore(store, tally), tally };
}
