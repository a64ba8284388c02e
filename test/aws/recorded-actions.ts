import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { FunctionName, Place } from '../../infra/aws/rights.ts';

/** A call as the policies of AWS see it: `dynamodb:GetItem` on the table, stream, bucket or queue of a name. */
export interface Called {
  readonly action: string;
  /** The resource, as the call names it; null where a call names none, as with a shard iterator. */
  readonly name: string | null;
}

/** A client of the SDK, as far as it takes a middleware. */
export interface Recordable {
  readonly middlewareStack: {
    add(
      middleware: (
        next: (args: { readonly input: object }) => Promise<never>,
        context: { readonly commandName?: string; readonly clientName?: string },
      ) => (args: { readonly input: object }) => Promise<never>,
      options: { readonly step: 'initialize'; readonly name: string },
    ): void;
  };
}

type Input = Readonly<Partial<Record<string, unknown>>>;

/** Which member of a call names its resource. */
const members: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ['TableName'],
  kinesis: ['StreamName', 'StreamARN'],
  s3: ['Bucket'],
  sqs: ['QueueUrl'],
};

/** Calls of S3 are allowed under names of their own. */
const namesInS3: Readonly<Record<string, string>> = {
  HeadObject: 'GetObject',
  ListObjectsV2: 'ListBucket',
};

/** Tells every call of a client before it is made. */
export function recordActions(client: Recordable, record: (called: Called) => void): void {
  client.middlewareStack.add(
    (next, { clientName = '', commandName = '' }) =>
      (args) => {
        const service = clientName.replace(/Client$/, '').toLowerCase();
        record(calledBy(service, commandName.replace(/Command$/, ''), args.input as Input));
        return next(args);
      },
    { step: 'initialize', name: 'recordActions' },
  );
}

function calledBy(service: string, operation: string, input: Input): Called {
  const member = members[service]?.find((one) => input[one] !== undefined);
  const own = service === 's3' ? (namesInS3[operation] ?? operation) : operation;
  return { action: `${service}:${own}`, name: member ? String(input[member]) : null };
}

/** A request as an emulator gets it. */
export interface SignedRequest {
  readonly method: string;
  /** From the path on. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * What a request asks for, and who signed it: a host that gives each function an access key of the function's name
 * learns which function it is. It sees calls of a bundle, which no middleware gets into.
 */
export function calledOver(request: SignedRequest): {
  readonly by: string;
  readonly called: Called;
} {
  const { headers, body } = request;
  const [, by = '', service = ''] =
    /Credential=([^/]+)\/\d+\/[^/]+\/(\w+)\//.exec(String(headers['authorization'])) ?? [];
  if (service === 's3') return { by, called: calledOfS3(request) };
  const [, operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  return { by, called: calledBy(service, operation, body === '' ? {} : JSON.parse(body)) };
}

/** S3 has no names of operations in its requests; buckets stand in the path, as emulators have them. */
function calledOfS3({ method, url }: SignedRequest): Called {
  const { pathname, searchParams } = new URL(url, 'http://s3.example');
  const [, bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/.exec(pathname) ?? [];
  if (method === 'GET' && key === '' && searchParams.get('list-type') === '2') {
    return { action: 's3:ListBucket', name: bucket };
  }
  const verb = { GET: 'Get', HEAD: 'Get', PUT: 'Put', DELETE: 'Delete' }[method];
  if (verb === undefined || key === '') throw new Error(`what does ${method} ${url} ask for?`);
  return { action: `s3:${verb}Object`, name: bucket };
}

/** Appends calls to a file, for a process that ends by itself. */
export function recordInto(file: string, by: FunctionName): (called: Called) => void {
  return (called) => appendFileSync(file, `${JSON.stringify({ by, called })}\n`);
}

/** The calls in a file, each once, as {@link rightOf} has them, by function. */
export function recordedIn(file: string, settings: Settings): ReadonlyMap<string, Set<string>> {
  const rights = new Map<string, Set<string>>();
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  for (const line of lines) {
    const { by, called }: { by: string; called: Called } = JSON.parse(line);
    rights.set(by, (rights.get(by) ?? new Set()).add(rightOf(called, settings)));
  }
  return rights;
}

/** The settings that name places. */
export type Settings = Readonly<
  Record<'STATE_TABLE' | 'STREAM' | 'OBJECTS_BUCKET' | 'NOTICES_QUEUE', string> & {
    readonly SINK_RESULTS?: string;
  }
>;

/** The right that a call needs: `dynamodb:GetItem on table`. @throws Error for a call to what the app does not have. */
export function rightOf({ action, name }: Called, settings: Settings): string {
  const { STATE_TABLE, STREAM, OBJECTS_BUCKET, NOTICES_QUEUE, SINK_RESULTS = '' } = settings;
  const results = pathOf(SINK_RESULTS.replace('queue:', ''));
  if (results !== undefined && pathOf(name ?? '') === results) return `${action} on results`;
  const [service = ''] = action.split(':');
  const places: Readonly<Record<string, readonly [place: Place, name: string]>> = {
    dynamodb: ['table', STATE_TABLE],
    kinesis: ['stream', STREAM],
    s3: ['objects', OBJECTS_BUCKET],
    sqs: ['notices', NOTICES_QUEUE],
  };
  const [place, own] = places[service] ?? [];
  const isOwn = name === null || name === own || name.endsWith(`:stream/${own}`);
  if (place === undefined || !isOwn) throw new Error(`${action} on ${name}: no place of the app`);
  return `${action} on ${place}`;
}

/** The name of a queue in its address, whatever stands between its client and it. */
function pathOf(address: string): string | undefined {
  return URL.parse(address)?.pathname;
}
