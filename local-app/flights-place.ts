import { MillraceError } from '../core/errors.ts';
import { nameOf, open, seal } from '../core/journal/envelope.ts';
import type { ItemKey, StateStore } from '../core/ports/state-store.ts';
import type { FlightPlace } from './flights-source.ts';

/** How far the flights are sent, as it is kept beside the journals. */
export interface SentPlace extends FlightPlace {
  /** How many flights were sent up to there. */
  readonly sent: number;
}

const key: ItemKey = { partition: 'source/flights', sort: 'place' };

/** The flights up to which the stream has them all; null before the first. */
export async function readPlace(store: StateStore): Promise<SentPlace | null> {
  const item = await store.read(key);
  if (item === null) return null;
  const text = new TextDecoder().decode(open('place', key, item.body));
  const { arrival, row, sent } = JSON.parse(text) as SentPlace;
  if ([arrival, row, sent].every(Number.isSafeInteger)) return { arrival, row, sent };
  throw new MillraceError('damaged', `${nameOf(key)}: not a place`);
}

/** Keeps a place. Only for flights that the stream has taken: those behind it are not sent again. */
export async function writePlace(store: StateStore, place: SentPlace): Promise<void> {
  const { arrival, row, sent } = place;
  const payload = new TextEncoder().encode(JSON.stringify({ arrival, row, sent }));
  const body = seal('place', key, payload);
  const item = await store.read(key);
  const won = item ? await store.replace(key, body, item.version) : await store.create(key, body);
  if (!won) throw new MillraceError('bug', `${nameOf(key)}: two sources write it`);
}
