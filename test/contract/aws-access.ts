import { type Recordable, recordActions } from '../aws/recorded-actions.ts';
import type { FaultyProxy } from '../emulators/faulty-proxy.ts';

/** Where a service is and, for an emulator, what makes its clients content. */
export interface AwsAccess {
  readonly endpoint: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * The service at the endpoint that a variable of the environment names, or else an emulator. Region
 * and credentials of a service come from where every client of AWS looks for them.
 */
export async function awsAccess(
  variable: string,
  start: () => Promise<{ readonly endpoint: string }>,
): Promise<AwsAccess> {
  const named = process.env[variable];
  if (named !== undefined) return { endpoint: named };
  const { endpoint } = await start();
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  return { endpoint, region: 'eu-central-1', credentials };
}

/** A request as a client sends it; a test may read it and change it. */
export interface SignedRequest {
  protocol: string;
  hostname: string;
  port?: number;
  readonly headers: Record<string, string>;
  query?: Record<string, unknown>;
  readonly body?: unknown;
}

/** What the adapters have asked of AWS, as its policies name it: `dynamodb:PutItem`. */
export const adapterActions: Set<string> = new Set();

/** Of a client of AWS, how it sends what it has signed. */
interface Client {
  readonly config: {
    readonly requestHandler: { handle(request: SignedRequest, options?: object): Promise<unknown> };
  };
}

/**
 * Leads the requests of a client through a proxy. The signature covers the host, so a request is
 * made for the service, and only then sent elsewhere. `see` is called with each before that. What
 * is asked is taken note of in `adapterActions`.
 */
export function throughProxy<One extends Client>(
  client: One,
  proxy: FaultyProxy,
  see: (request: SignedRequest) => void = () => undefined,
): One {
  recordActions(client as unknown as Recordable, ({ action }) => adapterActions.add(action));
  const { protocol, hostname, port } = new URL(proxy.url);
  const handler = client.config.requestHandler;
  const handle = handler.handle.bind(handler);
  handler.handle = (request, options) => {
    see(request);
    return handle(Object.assign(request, { protocol, hostname, port: Number(port) }), options);
  };
  return client;
}
