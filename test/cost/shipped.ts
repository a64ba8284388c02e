import { readFileSync } from 'node:fs';
import { type PriceBook, priceBookOf } from '../../cost/price-book.ts';
import { type Profile, profileOf } from '../../cost/profile.ts';

const folder = new URL('../../cost/', import.meta.url);
const json = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

/** The price book and the profiles as they are shipped. */
export const book: PriceBook = priceBookOf(json('prices.json'));
export const profile: Profile = profileOf(json('default-profile.json'));
export const flightsProfile: Profile = profileOf(json('flights-profile.json'));
