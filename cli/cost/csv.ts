import type { Estimate } from '../../cost/estimate.ts';

const head = [
  ...['cloud', 'meter', 'price', 'units', 'unit', 'unit_price', 'month', 'month_after_free'],
  ...['basis', 'confidence', 'date'],
];

/** The bills as CSV (RFC 4180), a line for each meter; dollars with all their digits. */
export function billsCsv(estimates: readonly Estimate[]): string {
  const lines = estimates.flatMap(({ cloud, bill }) =>
    bill.lines.map(({ meter, price, cost, costAfterFree }) => [
      ...[cloud, meter.name, price.id, meter.units, price.unit, price.price, cost, costAfterFree],
      ...[meter.basis, price.confidence, price.date],
    ]),
  );
  return [head, ...lines].map((cells) => cells.map(cell).join(',')).join('\n');
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
