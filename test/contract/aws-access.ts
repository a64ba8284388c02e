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

/** Of a client of AWS, how it sends what it has signed. */
interface Client {
  readonly config: {
    readonly requestHandler: { handle(request: Target, options?: object): Promise<unknown> };
  };
}

interface Target {
  protocol: string;
  hostname: string;
  port?: number;
}

/**
 * Leads the requests of a client through a proxy. The signature covers the host, so a request is
 * made for the service, and only then sent elsewhere.
 */
export function throughProxy<One extends Client>(client: One, proxy: FaultyProxy): One {
  const { protocol, hostname, port } = new URL(proxy.url);
  const handler = client.config.requestHandler;
  const handle = handler.handle.bind(handler);
  handler.handle = (request, options) =>
    handle(Object.assign(request, { protocol, hostname, port: Number(port) }), options);
  return client;
}
