import { isLoopback } from '../loopback.ts';

/** Where a sink leads. */
export type SinkConfig =
  | { readonly kind: 'queue' | 'stream'; readonly place: string }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: string };

const secretPattern = /^[\x21-\x7e]{16,}$/;

/** The name of the setting that says where a sink leads; that of a webhook's secret ends in `_SECRET`. */
export function sinkSetting(name: string): string {
  return `SINK_${name.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * Reads `queue:<place>`, `stream:<place>` or `webhook:<https address>`. `wrong` hears what is wrong with it; neither an
 * address nor a secret is in that, since both end up in logs.
 */
export function sinkConfig(
  name: string,
  text: string,
  secret: string | null,
  wrong: (problem: string) => void,
): SinkConfig | null {
  const colon = text.indexOf(':');
  const [kind, place] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon > 0 && place !== '' && (kind === 'queue' || kind === 'stream')) return { kind, place };
  if (kind !== 'webhook') {
    wrong(`sink ${name}: must be queue:<place>, stream:<place> or webhook:https://…`);
    return null;
  }
  const url = URL.parse(place);
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isLoopback(url.hostname))) {
    wrong(`sink ${name}: a webhook must be https:// (http:// on this machine alone)`);
    return null;
  }
  if (url.username !== '' || url.password !== '') {
    wrong(`sink ${name}: the address of a webhook must hold no user and no password`);
  }
  if (secret === null || !secretPattern.test(secret)) {
    const setting = `${sinkSetting(name)}_SECRET`;
    wrong(`sink ${name}: ${setting} must be set: 16 visible characters or more, without spaces`);
    return null;
  }
  return { kind, url: place, secret };
}
