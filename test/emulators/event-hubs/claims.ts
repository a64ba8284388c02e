import { createHmac, timingSafeEqual } from 'node:crypto';
import { notFound, Refusal } from './conditions.ts';
import { type Hub, pathOf } from './hub.ts';

/** The keys of the namespace by the names of their policies. */
export type Keys = Readonly<Record<string, string>>;

/** What a connection may do: the tokens that its client put, by the paths they are for. */
export class Claims {
  private readonly keys: Keys;
  private readonly now: () => number;
  /** Epoch milliseconds until which each path is open. */
  private readonly until = new Map<string, number>();

  constructor(keys: Keys, now: () => number) {
    this.keys = keys;
    this.now = now;
  }

  /**
   * Takes a token for an audience such as `sb://host/hub/Partitions/0`.
   *
   * @throws Refusal
   */
  put(audience: string, token: string, hubs: ReadonlyMap<string, Hub>): void {
    const until = this.check(token, pathOf(audience).toLowerCase());
    const [hub = ''] = pathOf(audience).split('/');
    if (!hubs.has(hub.toLowerCase())) throw notFound(pathOf(audience));
    this.until.set(pathOf(audience).toLowerCase(), until);
  }

  /**
   * Refuses what no token is there for. A token for a hub is good for all that is in it.
   *
   * @throws Refusal
   */
  demand(address: string): void {
    const path = pathOf(address).toLowerCase();
    for (const [claimed, until] of this.until) {
      if (until > this.now() && isWithin(path, claimed)) return;
    }
    throw unauthorized(`Unauthorized access. A token for '${path}' is required.`);
  }

  /** Epoch milliseconds of the token's end. */
  private check(token: string, path: string): number {
    const fields = new Map(
      token
        .replace(/^SharedAccessSignature /, '')
        .split('&')
        .map((field) => {
          const cut = field.indexOf('=');
          return [field.slice(0, cut), field.slice(cut + 1)];
        }),
    );
    const [resource, signature, expiry, policy] = ['sr', 'sig', 'se', 'skn'].map((name) =>
      fields.get(name),
    );
    const key = this.keys[decodeURIComponent(policy ?? '')];
    if (!resource || !signature || !expiry || key === undefined) {
      throw unauthorized('MalformedToken: The token is malformed or its policy is unknown.');
    }
    const signed = createHmac('sha256', key).update(`${resource}\n${expiry}`).digest();
    const given = Buffer.from(decodeURIComponent(signature), 'base64');
    if (given.length !== signed.length || !timingSafeEqual(given, signed)) {
      throw unauthorized('InvalidSignature: The token has an invalid signature.');
    }
    const until = Number(expiry) * 1_000;
    if (!(until > this.now())) throw unauthorized('ExpiredToken: The token is expired.');
    if (!isWithin(path, pathOf(decodeURIComponent(resource)).toLowerCase())) {
      throw unauthorized('InvalidAudience: The token is for another resource.');
    }
    return until;
  }
}

function isWithin(path: string, outer: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}/`);
}

function unauthorized(text: string): Refusal {
  return new Refusal('amqp:unauthorized-access', text);
}
