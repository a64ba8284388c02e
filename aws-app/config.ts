import { Environment, frozen } from '../adapters/environment.ts';
import type { SinkConfig } from '../adapters/sinks/sink-config.ts';
import { sinkSettings } from '../adapters/sinks/sink-settings.ts';
import { defaultLimits, type Limits } from '../core/limits.ts';
import type { Pipeline } from '../core/pipeline.ts';

/** All settings of a Millrace on AWS, checked. Region, credentials and endpoints are where every client looks for them. */
export interface AwsConfig {
  readonly pipelines: readonly Pipeline[];
  readonly stream: string;
  readonly stateTable: string;
  readonly objectsBucket: string;
  /** Whether the bucket stands in the path of an object's address, as emulators have it, and not in the host's name. */
  readonly objectsPathStyle: boolean;
  /** The address of the queue. */
  readonly noticesQueue: string;
  /** Where views are published, by the name of the sink. */
  readonly sinks: Readonly<Record<string, SinkConfig>>;
  /** The namespace of the app's figures in CloudWatch. */
  readonly metricsNamespace: string;
  readonly limits: Limits;
  /** How long the stream keeps records, seconds. */
  readonly retentionSeconds: number;
  /** Fixed for a generation: buckets that keys are spread over. */
  readonly bucketCount: number;
  /** How long an event waits for others to share its record, milliseconds. */
  readonly packLingerMs: number;
}

/**
 * One frozen value from the app's settings.
 *
 * @throws MillraceError `definition` with all problems at once.
 */
export function awsConfig(
  settings: Readonly<Record<string, string | undefined>>,
  pipelines: readonly Pipeline[],
): AwsConfig {
  const environment = new Environment(settings);
  const config: AwsConfig = {
    pipelines: [...pipelines],
    stream: environment.text('STREAM'),
    stateTable: environment.text('STATE_TABLE'),
    objectsBucket: environment.text('OBJECTS_BUCKET'),
    objectsPathStyle: environment.choice('OBJECTS_PATH_STYLE', 'no', ['no', 'yes']) === 'yes',
    noticesQueue: environment.text('NOTICES_QUEUE'),
    sinks: sinkSettings(environment, pipelines),
    metricsNamespace: environment.text('METRICS_NAMESPACE', 'Millrace'),
    limits: { ...defaultLimits },
    retentionSeconds: environment.whole('STREAM_RETENTION_HOURS', 24, 24, 8_760) * 3_600,
    bucketCount: environment.whole('BUCKET_COUNT', 256, 1, 65_536),
    packLingerMs: environment.whole('PACK_LINGER_MS', 50, 0, 60_000),
  };
  const { protocol = '' } = URL.parse(config.noticesQueue) ?? {};
  if (config.noticesQueue !== '' && !/^https?:$/.test(protocol)) {
    environment.problem('NOTICES_QUEUE must be the address of a queue, https://…');
  }
  environment.check();
  return frozen(config);
}
