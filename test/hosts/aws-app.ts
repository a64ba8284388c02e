import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../infra/bundle.ts';
import { type FrontDoor, openFrontDoor } from './aws-front-door.ts';
import { type AwsPlaces, type AwsStage, credentials, region } from './aws-stage.ts';
import { type Deployed, deployed } from './aws-template.ts';
import type { KinesisMapping } from './lambda/kinesis-mapping.ts';
import type { MappingProperties } from './lambda/mapping-settings.ts';
import type { QueueMapping } from './lambda/queue-mapping.ts';
import type { Schedule } from './lambda/schedule.ts';
import { type FunctionOptions, LambdaHost, type LambdaHostOptions } from './lambda-host.ts';

/** How an app is started. */
export interface AwsAppOptions {
  /** The folder of the module that the functions take their handlers from; see {@link bundleTo}. */
  readonly taskRoot: string;
  /** Its name, without what follows the dot; default `main`. */
  readonly module?: string;
  /** Instead of those of the places. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of the template, as `batchWindowSeconds`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Of all functions, instead of what the template says. */
  readonly functions?: Partial<FunctionOptions>;
  /** Of the mapping of the stream, instead of what the template says. */
  readonly mapping?: Partial<MappingProperties>;
  /** Of the front door; default 0: any that is free. */
  readonly port?: number;
  /** Whether maintenance comes by the clock. By default only `clock.fire` calls it. */
  readonly schedules?: boolean;
  readonly host?: Pick<LambdaHostOptions, 'now' | 'wait' | 'pollMs' | 'onEvent'>;
}

/** An app that runs in the stand-in for Lambda. */
export interface AwsApp {
  readonly host: LambdaHost;
  /** Of the HTTP interface: no request needs a signature there. */
  readonly url: string;
  /** What feeds `process`. */
  readonly records: KinesisMapping;
  /** What feeds `poison`. */
  readonly notices: QueueMapping;
  /** What calls `maintain`. */
  readonly clock: Schedule;
  /** Finishes what is under way. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  kill(): Promise<void>;
}

/** The functions, and the ids of the template for each and for its URL. */
const functions = {
  process: { id: 'Process' },
  ingest: { id: 'Ingest', urlId: 'IngestUrl' },
  query: { id: 'Query', urlId: 'QueryUrl' },
  maintain: { id: 'Maintain' },
  poison: { id: 'Poison' },
} as const;

/** Writes an entry as it is deployed, as `main.mjs` into a folder, which is made. */
export async function bundleTo(folder: string, entry: string): Promise<void> {
  const { bytes } = await bundle({ entry });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'main.mjs'), bytes);
}

/** Starts an app as the template sets it up. Rejects, with nothing left running, if a part of it can't be started. */
export async function startAwsApp(
  { clients }: AwsStage,
  places: AwsPlaces,
  options: AwsAppOptions,
): Promise<AwsApp> {
  const resource = deployed(options.parameters);
  const named = Object.entries(functions).map(([name, ids]) => {
    return [name, functionOf(name, ids, resource, places, options)] as const;
  });
  const host = await LambdaHost.start({
    ...{ ...clients, region, keys: { [credentials.accessKeyId]: credentials.secretAccessKey } },
    ...options.host,
    functions: Object.fromEntries(named),
  });
  let door: FrontDoor | null = null;
  try {
    door = await openFrontDoor({
      port: options.port ?? 0,
      route: (method, path) =>
        host.url(method === 'POST' && path === '/v1/events' ? 'ingest' : 'query'),
    });
    const notices = await host.mapQueue(noticesMapping(resource, places));
    const records = await host.mapStream(recordsMapping(resource, places, options));
    const { ScheduleExpression } = resource('MaintainClock');
    const clock = host.schedule('maintain', ScheduleExpression as string);
    if (options.schedules) clock.start();
    const { url, stop } = door;
    const ended = async (end: () => Promise<void>): Promise<void> => {
      await stop();
      await end();
    };
    return {
      ...{ host, url, records, notices, clock },
      stop: () => ended(() => host.stop()),
      kill: () => ended(() => host.kill()),
    };
  } catch (error) {
    await door?.stop();
    await host.kill();
    throw error;
  }
}

function functionOf(
  name: string,
  { id, urlId }: { readonly id: string; readonly urlId?: string },
  resource: Deployed,
  { settings }: AwsPlaces,
  options: AwsAppOptions,
): FunctionOptions {
  const { Environment, Timeout, MemorySize } = resource(id);
  const { Variables } = Environment as { Variables: Readonly<Record<string, unknown>> };
  // What names a place is known only here; what remains is the template's.
  const own = Object.entries(Variables).filter(([, value]) => !/^<.*>$/.test(String(value)));
  const { AuthType, InvokeMode } = urlId === undefined ? {} : resource(urlId);
  return {
    ...{ taskRoot: options.taskRoot, handler: `${options.module ?? 'main'}.${name}` },
    ...{ timeoutSeconds: Number(Timeout), memoryMegabytes: Number(MemorySize) },
    environment: {
      ...Object.fromEntries(own.map(([key, value]) => [key, String(value)])),
      ...settings,
      ...options.settings,
    },
    ...(urlId !== undefined && { url: { AuthType, InvokeMode } as FunctionOptions['url'] }),
    ...options.functions,
  } as FunctionOptions;
}

function recordsMapping(
  resource: Deployed,
  { streamArn, failuresArn }: AwsPlaces,
  { mapping }: AwsAppOptions,
): MappingProperties {
  return {
    ...resource('ProcessRecords'),
    ...{ FunctionName: 'process', EventSourceArn: streamArn },
    DestinationConfig: { OnFailure: { Destination: failuresArn } },
    ...mapping,
  };
}

function noticesMapping(resource: Deployed, { noticesArn }: AwsPlaces): MappingProperties {
  // The stand-in has one batch of a queue under way at a time, whatever it may have.
  const { ScalingConfig, ...properties } = resource('PoisonNotices');
  return { ...properties, FunctionName: 'poison', EventSourceArn: noticesArn };
}
