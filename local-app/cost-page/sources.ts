import type { PriceBook } from '../../cost/price-book.ts';
import type { Profile } from '../../cost/profile.ts';
import { ageDays, oldestDate } from '../../cost/refresh.ts';
import { number } from '../../cost/words.ts';
import { element, figure } from './element.ts';

/** How old the prices are and how sure, what was measured, and how long the page takes. */
export function sourcesText(
  book: PriceBook,
  profile: Profile,
  tookMs: { readonly bills: number; readonly all: number },
): HTMLElement[] {
  const age = ageDays(book, new Date().toISOString().slice(0, 10));
  const { pipeline, events, input, measuredOn, machine } = profile;
  const sure = ['A', 'B', 'C', 'M'].map((letter) => {
    return `${book.prices.filter(({ confidence }) => confidence === letter).length} ${letter}`;
  });
  const took = (ms: number): HTMLElement => figure(ms, `${number(ms)} ms`);
  return [
    element(
      'p',
      {},
      `Prices: the newest read on ${book.readOn}, ${age} days ago, ` +
        `the oldest in ${oldestDate(book)}; ${sure.join(', ')}.`,
    ),
    element(
      'p',
      {},
      `Profile: ${pipeline} on ${number(events)} events of ${input}, ${measuredOn}, ${machine}.`,
    ),
    element(
      'p',
      {},
      'Both bills took ',
      took(tookMs.bills),
      ', all answers ',
      took(tookMs.all),
      ' beside the page.',
    ),
    element('p', {}, 'Measured, computed, assumed, and how far off: docs/cost.md.'),
  ];
}
