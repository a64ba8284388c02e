import type { BreakEven, End } from './break-even.ts';
import type { Cure } from './capacity.ts';
import type { Cloud, Confidence } from './price-book.ts';

/** The clouds and the regions of their prices, as people read them. */
export const places: Readonly<Record<Cloud, string>> = {
  aws: 'AWS, us-east-1',
  azure: 'Azure, East US',
};

/** How sure a price is, in a word where a letter says too little. */
export function confidenceText(confidence: Confidence): string {
  return confidence === 'M' ? 'M (memory)' : confidence;
}

/** The rates at which a rival is cheaper, in words. */
export function cheaperText({ cheaper }: Pick<BreakEven, 'cheaper'>): string {
  if (cheaper.length === 0) return 'at no rate';
  const words = cheaper.map(({ from, to }) => {
    if (from === null) return to === null ? 'at every rate' : `below ${number(to)} events/s`;
    if (to === null) return `from ${number(from)} events/s`;
    return `from ${number(from)} to ${number(to)} events/s`;
  });
  return words.join(', ');
}

/** What helps where a limit is passed, in words. */
export const cureText: Readonly<Record<Cure, string>> = {
  partitions: 'more partitions',
  spread: 'a hot key: spread(key, n)',
  autoscale: 'Cosmos DB on autoscale',
};

/** Up to which rate a workload can be carried, in words; nothing where no end was found. */
export function endText(end: End | null): string {
  if (end === null) return '';
  const limits = end.passed.join('; ');
  if (end.rate === null) return `can’t carry it at any rate: ${limits}`;
  return `carries up to ${number(end.rate)} events/s: ${limits}`;
}

/** Made once: that takes longer than a hundred numbers. */
const cents = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Three digits, or all before the point. */
export function number(value: number): string {
  if (value === 0 || Math.abs(value) >= 1_000) return whole.format(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** Dollars and cents; more digits below a cent. */
export function dollars(value: number): string {
  const isTiny = value !== 0 && Math.abs(value) < 0.005;
  if (isTiny) return value.toPrecision(1);
  return cents.format(value);
}
