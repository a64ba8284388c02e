import type { IncomingMessage } from 'node:http';
import { type Called, calledOver } from '../../aws/recorded-actions.ts';
import { type Fault, FaultyProxy } from '../../emulators/faulty-proxy.ts';
import type { AwsPlaces, AwsStage } from '../../hosts/aws-stage.ts';

/** What an app calls. */
export type Service = 'dynamodb' | 'kinesis' | 's3' | 'sqs';

/** A call on its way to a service. */
export interface ServiceCall extends Called {
  readonly service: Service;
  /** The function that makes it. */
  readonly by: string;
}

/** What goes wrong with a call; a promise holds it up. */
export type OnCall = (call: ServiceCall) => Fault | null | Promise<Fault | null>;

/** What stands between an app and its services. */
export class WatchedServices {
  /** Settings that lead the app's clients here. */
  readonly settings: Readonly<Record<string, string>>;
  private readonly proxies: readonly FaultyProxy[];

  private constructor(
    proxies: Readonly<Record<Service | 'results', FaultyProxy>>,
    noticesQueue: string,
    resultsQueue: string,
    onCall: OnCall,
  ) {
    const { results, ...services } = proxies;
    this.proxies = Object.values(proxies);
    for (const [name, proxy] of Object.entries(services)) {
      const service = name as Service;
      proxy.watch = async (request) => {
        proxy.fault = await onCall({ service, ...callOf(request) });
      };
    }
    // The name of a queue is in what goes by unread, so this one has a way of its own.
    results.watch = async (request) => {
      results.fault = await onCall({ service: 'sqs', ...callOf(request), name: resultsQueue });
    };
    this.settings = {
      AWS_ENDPOINT_URL_DYNAMODB: proxies.dynamodb.url,
      AWS_ENDPOINT_URL_KINESIS: proxies.kinesis.url,
      AWS_ENDPOINT_URL_S3: proxies.s3.url,
      // Clients of queues call the address of the queue.
      NOTICES_QUEUE: proxies.sqs.url + new URL(noticesQueue).pathname,
      SINK_RESULTS: `queue:${results.url}${new URL(resultsQueue).pathname}`,
    };
  }

  static async start(stage: AwsStage, places: AwsPlaces, onCall: OnCall): Promise<WatchedServices> {
    const [dynamodb, kinesis, s3, sqs, results] = await Promise.all([
      FaultyProxy.start(stage.dynamoDb.endpoint),
      FaultyProxy.start(stage.kinesis.endpoint),
      FaultyProxy.start(stage.fauxqs.endpoint),
      FaultyProxy.start(stage.fauxqs.endpoint),
      FaultyProxy.start(stage.fauxqs.endpoint),
    ]);
    const { NOTICES_QUEUE = '', SINK_RESULTS = '' } = places.settings;
    return new WatchedServices(
      { dynamodb, kinesis, s3, sqs, results },
      ...([NOTICES_QUEUE, SINK_RESULTS.replace('queue:', ''), onCall] as const),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
  }
}

/** A request names what it asks for in its headers, and in the path of an object: its body can go by unread. */
function callOf({ method = '', url = '', headers }: IncomingMessage) {
  const { by, called } = calledOver({ method, url, headers, body: '' });
  return { by, ...called };
}
