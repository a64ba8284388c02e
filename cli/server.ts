import { MillraceError } from '../core/errors.ts';

/** The option that asks a running server instead of a folder. */
export const urlOption = {
  type: 'string',
  placeholder: '<url>',
  description: 'Ask this server, http://127.0.0.1:7400, instead; its token is MILLRACE_TOKEN',
} as const;

/**
 * What a server answers to a GET, as text.
 *
 * @throws MillraceError `request` with what the server says is wrong, `unavailable` when there is no answer.
 */
export async function ask(
  url: string,
  path: string,
  parameters: readonly (readonly [name: string, value: string])[] = [],
): Promise<string> {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new MillraceError('request', `--url: ${url} is no address such as http://127.0.0.1:7400`);
  }
  const target = new URL(`${url.replace(/\/+$/, '')}${path}`);
  for (const [name, value] of parameters) target.searchParams.append(name, value);
  const token = process.env['MILLRACE_TOKEN'];
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let response: Response;
  let text: string;
  try {
    response = await fetch(target, { headers });
    text = await response.text();
  } catch (cause) {
    const { message } = ((cause as Error).cause as Error | undefined) ?? (cause as Error);
    throw new MillraceError('unavailable', `no answer from ${url}: ${message}`, { cause });
  }
  if (response.ok) return text;
  throw new MillraceError('request', `${url}: ${detailOf(text) ?? response.statusText}`);
}

/** The detail of an RFC 9457 problem; null for any other text. */
function detailOf(text: string): string | null {
  try {
    const { detail, title } = JSON.parse(text);
    return detail ?? title ?? null;
  } catch {
    return null;
  }
}
