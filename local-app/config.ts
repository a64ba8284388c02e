import type { SinkConfig } from '../adapters/sinks/sink-config.ts';
import { MillraceError } from '../core/errors.ts';
import { defaultLimits, type Limits } from '../core/limits.ts';
import type { Pipeline } from '../core/pipeline.ts';
import type { Idle } from '../core/plan.ts';

/** All settings of an embedded Millrace, checked. */
export interface LocalConfig {
  readonly pipelines: readonly Pipeline[];
  /** The folder of the data; null keeps everything in memory. */
  readonly data: string | null;
  /** Partitions of the stream: fixed when a data folder is made. */
  readonly partitions: number;
  readonly limits: Limits;
  /** How long the stream keeps records, seconds. */
  readonly retentionSeconds: number;
  /** What becomes of time when all partitions are idle, where a definition leaves it to the host. */
  readonly idle: Idle;
  /** How long a batch is gathered, milliseconds: fewer commits, later answers. */
  readonly batchWindowMs: number;
  /** How long an event waits for others to share its record, milliseconds. */
  readonly packLingerMs: number;
  /** Where views are published, by the name of the sink. */
  readonly sinks: Readonly<Record<string, SinkConfig>>;
}

/** The most partitions of a stream. */
export const partitionsMax = 1_024;
/** How many partitions a stream has where nobody says. */
export const partitionsDefault = 4;

/** The settings that have a default. */
export type LocalOptions = Partial<LocalConfig> & Pick<LocalConfig, 'pipelines'>;

/**
 * One frozen value from options and defaults.
 *
 * @throws MillraceError `definition` with all problems at once.
 */
export function localConfig(options: LocalOptions): LocalConfig {
  const config: LocalConfig = {
    data: null,
    partitions: partitionsDefault,
    limits: defaultLimits,
    retentionSeconds: 7 * 86_400,
    idle: 'hold',
    batchWindowMs: 100,
    packLingerMs: 20,
    sinks: {},
    ...options,
  };
  const problems: string[] = [];
  const integer = (
    name: 'partitions' | 'retentionSeconds' | 'batchWindowMs' | 'packLingerMs',
    min: number,
    max: number,
  ): void => {
    const value = config[name];
    if (Number.isInteger(value) && value >= min && value <= max) return;
    problems.push(`${name}: must be a whole number from ${min} to ${max}, not ${value}`);
  };
  integer('partitions', 1, partitionsMax);
  integer('retentionSeconds', 60, 365 * 86_400);
  integer('batchWindowMs', 0, 60_000);
  integer('packLingerMs', 0, 60_000);
  if (config.pipelines.length === 0) problems.push('pipelines: there must be at least one');
  const names = config.pipelines.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) problems.push(`pipelines: '${twice}' is there twice`);
  if (problems.length > 0) {
    throw new MillraceError('definition', problems.join('\n'), { problems });
  }
  return Object.freeze(config);
}
