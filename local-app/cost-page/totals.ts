import type { Bill } from '../../cost/bill.ts';
import type { Estimate } from '../../cost/estimate.ts';
import type { Cloud } from '../../cost/price-book.ts';
import { perMillionEvents } from '../../cost/total.ts';
import { dollars, number, places } from '../../cost/words.ts';
import type { Workload } from '../../cost/workload.ts';
import { element, figure } from './element.ts';
import { type Service, servicesOf } from './services.ts';

/** What a card tells of a cloud. */
export interface Total {
  readonly cloud: Cloud;
  readonly workload: Workload;
  readonly bill: Bill;
  /** The longest bar of the page, dollars. */
  readonly most: number;
}

/** The sums of a cloud's bill, and its services as one bar. */
export function totalCard({ cloud, workload, bill, most }: Total): HTMLElement {
  const million = perMillionEvents(bill, workload);
  const services = servicesOf(bill).sort((a, b) => b.total - a.total);
  const [name = '', region = ''] = places[cloud].split(', ');
  return element(
    'article',
    { id: `total-${cloud}`, 'aria-label': name },
    element('h2', {}, name, ' ', element('small', {}, region)),
    element(
      'p',
      { class: 'total' },
      element('strong', {}, '$', money(bill.total)),
      element('span', {}, 'a month'),
    ),
    element(
      'p',
      { class: 'note' },
      '$',
      money(bill.totalAfterFree),
      ' after free tiers',
      ...(million === null ? [] : [', $', money(million), ' per million events']),
    ),
    barOf(services, bill.total, most),
    element('ul', { class: 'legend' }, ...services.map(legendOf)),
  );
}

/** The limit that a workload reaches first: whether it is carried, and up to where. */
export function verdictOf({ capacity }: Estimate): HTMLElement {
  const over = capacity.filter(({ used, most }) => used > most);
  if (over.length > 0) {
    const names = over.map(({ what }) => what).join('; ');
    return element('p', { class: 'verdict bad' }, `Too much for ${names}.`);
  }
  const ends = capacity.filter(({ breaksAt }) => breaksAt !== null);
  const [first] = ends.toSorted((a, b) => (a.breaksAt ?? 0) - (b.breaksAt ?? 0));
  const text =
    first === undefined
      ? ''
      : ` First limit: ${first.what}, at ${number(first.breaksAt ?? 0)} events/s.`;
  return element('p', { class: 'verdict good' }, `Carries it.${text}`);
}

function money(value: number): HTMLElement {
  return figure(value, dollars(value));
}

function barOf(services: readonly Service[], total: number, most: number): HTMLElement {
  const parts = services.map(({ name, role, total: part }) => {
    const made = element('span', { class: role, title: `${name}: $${dollars(part)}` });
    made.style.flexGrow = String(part);
    return made;
  });
  const label = services.map(({ name, total: part }) => `${name} $${dollars(part)}`).join(', ');
  const bar = element('div', { class: 'bar', role: 'img', 'aria-label': label }, ...parts);
  bar.style.width = `${(100 * total) / most}%`;
  return element('div', { class: 'track' }, bar);
}

function legendOf({ name, role, total }: Service): HTMLElement {
  const swatch = element('i', { class: `swatch ${role}`, 'aria-hidden': 'true' });
  return element('li', {}, swatch, element('span', {}, name), money(total));
}
