import type { HttpRequest, HttpResponseInit } from '@azure/functions';

/** Answers a request, as a Hono app does. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** An HTTP trigger's request as the web has it. The key of the function is the host's business and is taken out. */
export function webRequest(request: HttpRequest): Request {
  const url = new URL(request.url);
  url.searchParams.delete('code');
  const headers = new Headers([...request.headers.entries()]);
  headers.delete('x-functions-key');
  const { method, body } = request;
  const hasBody = method !== 'GET' && method !== 'HEAD' && body !== null;
  const init = { method, headers, ...(hasBody ? { body, duplex: 'half' } : {}) };
  return new Request(url, init as RequestInit);
}

/** The answer as an HTTP trigger gives it: its body goes out while it is made. */
export function functionResponse({ status, headers, body }: Response): HttpResponseInit {
  const init = { status, headers: Object.fromEntries(headers) };
  return body === null ? init : { ...init, body: body as NonNullable<HttpResponseInit['body']> };
}
