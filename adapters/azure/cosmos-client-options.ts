import type { CosmosClientOptions } from '@azure/cosmos';
import { MillraceError } from '../../core/errors.ts';

/** How a CosmosClient speaks HTTP. */
export type HttpClient = NonNullable<CosmosClientOptions['httpClient']>;
type Request = Parameters<HttpClient['sendRequest']>[0];
type Response = Awaited<ReturnType<HttpClient['sendRequest']>>;

/** What {@link cosmosClientOptions} may be told. */
export interface CosmosClientSettings {
  /** How long a request may take, milliseconds, default 10,000. */
  readonly requestMs?: number;
}

/**
 * What a CosmosClient must be made with, besides its endpoint and credentials; `http` is
 * `createDefaultHttpClient()` of @azure/core-rest-pipeline.
 *
 * - Session consistency: the client sends session tokens only if it is told of the level itself.
 * - No retries, no other regions: an error comes at once, and who called decides.
 */
export function cosmosClientOptions(
  http: HttpClient,
  settings: CosmosClientSettings = {},
): Pick<CosmosClientOptions, 'consistencyLevel' | 'connectionPolicy' | 'httpClient'> {
  return {
    consistencyLevel: 'Session',
    connectionPolicy: {
      enableEndpointDiscovery: false,
      requestTimeout: settings.requestMs ?? 10_000,
      retryOptions: { maxRetryAttemptCount: 0 },
    },
    httpClient: { sendRequest: (request) => send(http, request) },
  };
}

/** Does what the client has no option for. */
async function send(http: HttpClient, request: Request): Promise<Response> {
  // With every query the client asks for a plan beside it, which it uses only when the query turns
  // out to span partitions. Ours never do, so nothing need be sent.
  if (request.headers.has('x-ms-cosmos-is-query-plan-request')) {
    throw new MillraceError('bug', 'A query spans partitions.');
  }
  // The body of a written item would come back whole.
  const writes = request.method === 'PUT' || request.method === 'POST';
  if (writes) request.headers.set('prefer', 'return=minimal');
  const response = await http.sendRequest(request).catch(atOnce);
  const body = response.bodyAsText ?? '';
  // The client takes the body of a write, and of every error, for JSON with something in it.
  if (writes && body === '') return { ...response, bodyAsText: '{}' };
  if (response.status >= 400 && !isJsonObject(body)) {
    return { ...response, bodyAsText: JSON.stringify({ message: body }) };
  }
  return response;
}

/** The client repeats a read ten times, a second apart, by the code that a broken connection has. */
function atOnce(cause: unknown): never {
  if (!(cause instanceof Error) || cause.name === 'AbortError') throw cause;
  throw new MillraceError('unavailable', `Cosmos DB can't be reached: ${cause.message}`, { cause });
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
