import { lambdaHost } from '../../cost/aws/settings.ts';
import { functionsHost } from '../../cost/azure/settings.ts';
import type { Cloud } from '../../cost/price-book.ts';
import type { Profile } from '../../cost/profile.ts';
import { openAws } from './aws-cloud.ts';
import { openAzure } from './azure-cloud.ts';
import type { ReplayCloud } from './cloud.ts';
import { predicted } from './predicted.ts';
import { windowsOf } from './traffic.ts';
import type { Replayed } from './workloads.ts';

/** What is replayed. */
export interface ReplayOptions {
  readonly cloud: Cloud;
  readonly replayed: Replayed;
  readonly profile: Profile;
  /** Seconds of event time that are counted, and those before: an app that has just begun does other things. */
  readonly seconds: number;
  readonly warmSeconds: number;
  /**
   * Event time that is left out at the beginning, and when in a minute maintenance comes: between batches of the same
   * length compactions meet pages and rounds at a few ages only, which should be those in the middle.
   */
  readonly offsetSeconds: number;
  readonly maintainAt: number;
  readonly onSecond?: (second: number, of: number) => void;
}

/** A meter of a workload on a cloud, as it was predicted and as it was counted. */
export interface Compared {
  readonly cloud: Cloud;
  readonly workload: string;
  readonly meter: string;
  readonly predicted: number;
  readonly counted: number;
  /** Of what was counted; null where nothing was. */
  readonly error: number | null;
}

/** Replays a workload on the emulators of a cloud, and compares what the calls took with what the model says. */
export async function replay(options: ReplayOptions): Promise<Compared[]> {
  const { cloud, replayed, profile, seconds } = options;
  const { partitions } = replayed.workload;
  const open = { aws: openAws, azure: openAzure };
  const app = await open[cloud](partitions);
  let counted: ReadonlyMap<string, number>;
  try {
    counted = await counts(app, options);
  } finally {
    await app.stop();
  }
  const expected = predicted(cloud, replayed.workload, profile, seconds);
  const meters = [...new Set([...expected.keys(), ...counted.keys()])];
  return meters.map((meter) => {
    const [is, was] = [expected.get(meter) ?? 0, counted.get(meter) ?? 0];
    const error = was === 0 ? null : is / was - 1;
    return { cloud, workload: replayed.name, meter, predicted: is, counted: was, error };
  });
}

const hosts = { aws: lambdaHost, azure: functionsHost };
const minute = 60;
/** What a query asks for begins at any time of a page. */
const lookAt = 3.5;

async function counts(
  app: ReplayCloud,
  { cloud, replayed, seconds, warmSeconds, onSecond, offsetSeconds, maintainAt }: ReplayOptions,
): Promise<ReadonlyMap<string, number>> {
  const { workload } = replayed;
  const { batchRecordsMax } = hosts[cloud];
  const { batchWindowSeconds: step, queriesPerSecond, querySeconds } = workload;
  const all = warmSeconds + seconds;
  let second = 0;
  for (const { end, records } of windowsOf(workload, all, offsetSeconds)) {
    if (second === warmSeconds) app.counts.take();
    for (const [partition, bodies] of records.entries()) {
      for (let i = 0; i < bodies.length; i += batchRecordsMax) {
        await app.bring(partition, bodies.slice(i, i + batchRecordsMax));
      }
    }
    const isDue = (every: number, at: number): boolean =>
      Math.floor((second + step - at) / every) > Math.floor((second - at) / every);
    if (isDue(minute, maintainAt)) await app.maintain();
    if (isDue(1 / queriesPerSecond, lookAt)) await app.query(end - querySeconds * 1_000, end);
    second += step;
    onSecond?.(second, all);
  }
  return app.counts.take();
}
