import { HttpProblem } from './problem.ts';

/** Who may call. */
export interface Access {
  /** The bearer token that every request must carry; null for none. */
  readonly token: string | null;
  /**
   * Whether the server listens on loopback alone: then a request must name it as such, so that no web page can reach
   * it under a name of its own (DNS rebinding).
   */
  readonly loopback: boolean;
  /** The header of the key that what stands in front of the app asks for, at every path; null for nothing there. */
  readonly keyHeader: string | null;
}

const loopbackHosts = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/**
 * Refuses who may not call.
 *
 * @param open whether the path is open to everyone who reaches the server.
 * @throws HttpProblem 401 without the token; 403 under a foreign host, or from the page of another site.
 */
export async function checkAccess(request: Request, access: Access, open: boolean): Promise<void> {
  const host = request.headers.get('host') ?? '';
  if (access.loopback && !loopbackHosts.test(host)) {
    const detail = 'This server answers to localhost, 127.0.0.1 and [::1] alone.';
    throw new HttpProblem(403, 'forbidden', detail);
  }
  // A browser names the site of a page that calls; other programs don't.
  const origin = request.headers.get('origin');
  if (origin !== null && hostOf(origin) !== host.toLowerCase()) {
    throw new HttpProblem(403, 'forbidden', 'Pages of other sites may not call this server.');
  }
  if (access.token === null || open) return;
  const given = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (given !== undefined && (await isSame(given, access.token))) return;
  const headers = { 'www-authenticate': 'Bearer realm="millrace"' };
  const detail = 'Send the token of this server: Authorization: Bearer <token>.';
  throw new HttpProblem(401, 'unauthorized', detail, { headers });
}

function hostOf(origin: string): string | null {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase() ?? null;
}

/** Compares digests, all bytes of them: the time tells neither the length of the token nor where texts differ. */
async function isSame(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([digest(a), digest(b)]);
  let difference = 0;
  for (let i = 0; i < left.length; i += 1) difference |= (left[i] ?? 0) ^ (right[i] ?? 0);
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}
