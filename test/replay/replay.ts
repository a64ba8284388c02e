import { lambdaHost } from '../../cost/aws/settings.ts';
import { functionsHost } from '../../cost/azure/settings.ts';
import type { Cloud } from '../../cost/price-book.ts';
import type { Profile } from '../../cost/profile.ts';
import { openAws } from './aws-cloud.ts';
import { openAzure } from './azure-cloud.ts';
import type { ReplayCloud } from './cloud.ts';
import { predicted } from './predicted.ts';
import { secondsOf } from './traffic.ts';
import type { Replayed } from './workloads.ts';

/** What is replayed. */
export interface ReplayOptions {
  readonly cloud: Cloud;
  readonly replayed: Replayed;
  readonly profile: Profile;
  /** Seconds of event time that are counted, and those before: an app that has just begun does other things. */
  readonly seconds: number;
  readonly warmSeconds: number;
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
/** Maintenance comes by the clock, and compactions by the batches: it meets them at any age. */
const maintainAt = 36;
/** What a query asks for begins at any time of a page. */
const lookAt = 3;

async function counts(
  app: ReplayCloud,
  { cloud, replayed, seconds, warmSeconds, onSecond }: ReplayOptions,
): Promise<ReadonlyMap<string, number>> {
  const { workload } = replayed;
  const { batchRecordsMax } = hosts[cloud];
  const everySeconds = Math.round(1 / workload.queriesPerSecond);
  const all = warmSeconds + seconds;
  let second = 0;
  for (const { end, records } of secondsOf(workload, all)) {
    if (second === warmSeconds) app.counts.take();
    for (const [partition, bodies] of records.entries()) {
      for (let i = 0; i < bodies.length; i += batchRecordsMax) {
        await app.bring(partition, bodies.slice(i, i + batchRecordsMax));
      }
    }
    if (second % minute === maintainAt) await app.maintain();
    if (second % everySeconds === lookAt) {
      await app.query(end - workload.querySeconds * 1_000, end);
    }
    second += 1;
    onSecond?.(second, all);
  }
  return app.counts.take();
}
