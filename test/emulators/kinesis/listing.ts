import { shardAnswer } from './describing.ts';
import { choice, type Input, nameRule, structure, text, time, whole } from './fields.ts';
import { invalidArgument, ServiceError } from './service-error.ts';
import type { Shard } from './shard.ts';
import type { Stream } from './stream.ts';
import { type Streams, streamName } from './streams.ts';

const pageShardsMax = 1_000;
const tokenMs = 300_000;

const types = [
  'AFTER_SHARD_ID',
  'AT_TRIM_HORIZON',
  'FROM_TRIM_HORIZON',
  'AT_LATEST',
  'AT_TIMESTAMP',
  'FROM_TIMESTAMP',
] as const;

/** What a token goes on with: the first request without what is behind it. */
interface Listing {
  readonly stream: string;
  readonly filter: Input | undefined;
  readonly after: string;
  /** When the token was made. */
  readonly made: number;
}

/** ListShards. */
export function listShards(streams: Streams, input: Input): object {
  const now = streams.now();
  const limit = Math.min(whole(input, 'MaxResults', 1, 10_000) ?? pageShardsMax, pageShardsMax);
  const listing = listingOf(input, now);
  const stream = streams.ready({ StreamName: listing.stream });
  const isListed = filterOf(listing.filter, stream, now);
  const shards = stream.shards.filter((shard) => shard.id > listing.after && isListed(shard));
  const page = shards.slice(0, limit);
  if (page.length === shards.length) return { Shards: page.map(shardAnswer) };
  const next = tokenOf({ ...listing, after: page.at(-1)!.id, made: now });
  return { Shards: page.map(shardAnswer), NextToken: next };
}

function listingOf(input: Input, now: number): Listing {
  const token = text(input, 'NextToken', { charactersMin: 1, charactersMax: 1_048_576 });
  if (token === undefined) {
    const filter = structure(input, 'ShardFilter');
    const after = text(input, 'ExclusiveStartShardId', nameRule) ?? '';
    return { stream: streamName(input), filter, after, made: now };
  }
  const others = ['StreamName', 'StreamARN', 'ExclusiveStartShardId', 'ShardFilter'];
  const other = others.find((name) => (input[name] ?? undefined) !== undefined);
  if (other !== undefined) {
    throw invalidArgument(`NextToken and ${other} cannot be provided together.`);
  }
  const listing = readToken(token);
  if (now - listing.made <= tokenMs) return listing;
  throw new ServiceError('ExpiredNextTokenException', 'The NextToken has expired.');
}

const tokenOf = (listing: Listing): string =>
  Buffer.from(JSON.stringify(listing)).toString('base64');

function readToken(token: string): Listing {
  try {
    const listing: Listing | null = JSON.parse(Buffer.from(token, 'base64').toString());
    if (typeof listing?.stream === 'string') return listing;
  } catch {
    // Told below.
  }
  throw invalidArgument('Invalid NextToken.');
}

/** Which shards a filter lets through. Without one all that are there are listed: those that retention keeps. */
function filterOf(filter: Input | undefined, stream: Stream, now: number): (s: Shard) => boolean {
  if (filter === undefined) return () => true;
  const type = choice(filter, 'Type', types);
  const horizon = stream.horizon(now);
  if (type === 'AT_LATEST') return ({ end }) => end === null;
  if (type === 'FROM_TRIM_HORIZON') return from(horizon);
  if (type === 'AT_TRIM_HORIZON') return at(Math.max(horizon, stream.start.created));
  if (type === 'AFTER_SHARD_ID') {
    const after = needed(text(filter, 'ShardId', nameRule), 'ShardId', type);
    return ({ id }) => id > after;
  }
  const timestamp = Math.max(needed(time(filter, 'Timestamp'), 'Timestamp', type), horizon);
  return type === 'AT_TIMESTAMP' ? at(timestamp) : from(timestamp);
}

const from =
  (timestamp: number) =>
  ({ end }: Shard): boolean =>
    end === null || end.closed >= timestamp;

const at =
  (timestamp: number) =>
  (shard: Shard): boolean =>
    shard.start.opened <= timestamp && from(timestamp)(shard);

function needed<T>(value: T | undefined, name: string, type: string): T {
  if (value !== undefined) return value;
  throw invalidArgument(`${name} must be supplied in a ShardFilter with a Type of ${type}`);
}
