import type { Page } from 'playwright-core';
import type { Estimate } from '../../cost/estimate.ts';
import { confidenceText, dollars, number } from '../../cost/words.ts';

/** A row of a table: what people read in its cells, and all numbers with all their digits. */
export interface Row {
  readonly texts: readonly string[];
  readonly values: readonly number[];
}

/** What the page shows of a cloud, by the part of the page. */
export type Shown = Readonly<Record<(typeof parts)[number] | 'total', readonly Row[]>>;

const parts = ['bill', 'designs', 'curves', 'modes', 'matters', 'capacity', 'memory'] as const;

/** Reads all of it out of the page as it stands. */
export async function shownOn(page: Page): Promise<Shown[]> {
  // Runs in the page, which has a DOM, as this file has not.
  const script = `(async () => {
    const values = (node) => [...node.querySelectorAll('data')].map(({ value }) => Number(value));
    const rowOf = (row) => ({
      texts: [...row.cells].map((cell) => cell.innerText.trim()),
      values: values(row),
    });
    const rows = (root) => [...root.querySelectorAll('tbody tr, tfoot tr')].map(rowOf);
    const part = (id, index) => rows(document.getElementById(id).children[index]);
    for (const one of document.querySelectorAll('#rates details')) one.open = true;
    while (document.querySelectorAll('#rates details table').length < 2) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return [0, 1].map((index) => {
      const rates = document.getElementById('rates').children[index];
      const total = document.getElementById('totals').children[index];
      return {
        total: [{ texts: [total.innerText], values: values(total) }],
        designs: rows(rates.querySelector('.chart + div')),
        curves: rows(rates.querySelector('details')),
        ...Object.fromEntries(
          ['bill', 'modes', 'matters', 'capacity', 'memory'].map((id) => [id, part(id, index)]),
        ),
      };
    });
  })()`;
  return page.evaluate(script) as Promise<Shown[]>;
}

/** The numbers that a page must show of an estimate: those that the command line prints as JSON. */
export function valuesOf(estimate: Estimate): Record<keyof Shown, number[][]> {
  const { bill, rivals, curves, choices, sensitivity, capacity, memory } = estimate;
  const some = (values: readonly (number | null | undefined)[]): number[] =>
    values.filter((value) => value !== null && value !== undefined);
  const lines = bill.lines.map(({ meter, price, cost, costAfterFree }) => {
    return [meter.units, price.price, cost, costAfterFree];
  });
  return {
    total: [some([bill.total, bill.totalAfterFree, estimate.perMillionEvents])],
    bill: [...lines, [bill.total, bill.totalAfterFree]],
    designs: [bill, ...rivals.map((rival) => rival.bill)].map(({ total }) => [total]),
    curves: curves.points.map((point) =>
      some([
        ...[point.eventsPerSecond, point.partitions, point.millrace],
        ...rivals.map(({ name }) => point.rivals[name]),
      ]),
    ),
    modes: choices.flatMap(({ options }) => options.map(({ total }) => [total])),
    matters: sensitivity.map(({ value, half, double }) => [value, half.total, double.total]),
    capacity: capacity.map(({ used, most, breaksAt }) => some([used, most, breaksAt])),
    memory: memory.map(({ memoryMB, total, batchMs }) => [memoryMB, total, batchMs]),
  };
}

/** The bill as people read it. */
export function billTexts({ bill }: Estimate): string[][] {
  const lines = bill.lines.map(({ meter, price, cost, costAfterFree }) => [
    ...[meter.name, price.name, number(meter.units), String(price.price)],
    ...[dollars(cost), dollars(costAfterFree), meter.basis, confidenceText(price.confidence)],
  ]);
  const { total, totalAfterFree } = bill;
  return [...lines, ['Sum', '', '', '', dollars(total), dollars(totalAfterFree), '', '']];
}
