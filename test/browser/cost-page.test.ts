import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../cost/estimate.ts';
import { cheaperText, dollars } from '../../cost/words.ts';
import { millrace } from '../cli/millrace.ts';
import { openCostPage, settled, withBrowser } from './open-page.ts';
import { billTexts, type Row, type Shown, shownOn, valuesOf } from './shown.ts';

withBrowser();

/** What the command line says with these options. */
async function told(args: readonly string[]): Promise<Estimate[]> {
  const { code, stdout, stderr } = await millrace(['cost', ...args, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout).estimates;
}

/** The last bits of a power or a logarithm are each engine's own: what is so near counts as equal. */
const settle = (rows: readonly Row[], expected: readonly (readonly number[])[]): number[][] =>
  rows.map(({ values }, row) =>
    values.map((value, column) => {
      const other = expected[row]?.[column] ?? Number.NaN;
      return Math.abs(value - other) <= 1e-12 * Math.abs(other) ? other : value;
    }),
  );

/** Everything on the page is what the command line says, number by number. */
function expectSame(shown: readonly Shown[], estimates: readonly Estimate[]) {
  expect(estimates.map(({ cloud }) => cloud)).toEqual(['aws', 'azure']);
  for (const [index, estimate] of estimates.entries()) {
    const { total, ...tables } = shown[index]!;
    const { total: totals, ...expected } = valuesOf(estimate);
    const values = Object.entries(tables).map(([id, rows]) => {
      return [id, settle(rows, expected[id as keyof typeof expected])] as const;
    });
    expect(Object.fromEntries(values)).toEqual(expected);
    expect(settle(total, totals)[0]!.slice(0, totals[0]!.length)).toEqual(totals[0]);
    expect(total[0]!.texts[0]).toContain(`$${dollars(estimate.bill.total)}`);
    const services = total[0]!.values.slice(totals[0]!.length);
    expect(services.reduce((sum, one) => sum + one, 0)).toBeCloseTo(estimate.bill.total, 6);
    expect(tables.bill.map(({ texts }) => texts)).toEqual(billTexts(estimate));
    const wins = estimate.curves.breakEvens.map(cheaperText);
    expect(tables.designs.slice(1).map(({ texts }) => texts[2])).toEqual(wins);
  }
}

/** The words of the command that the page shows, without `npx millrace cost`. */
async function commandOn(page: Page): Promise<string[]> {
  const text = (await page.locator('#command').textContent()) ?? '';
  expect(text).toMatch(/^npx millrace cost\b/);
  return text.split(' ').slice(3);
}

const hashes: readonly (readonly [hash: string, args: string])[] = [
  [
    'eventsPerSecond=20&recordEvents=1&partitions=1',
    '--events-per-second 20 --record-events 1 --partitions 1',
  ],
  [
    'eventsPerSecond=20000&shape=bursty&peakFactor=4&keys=50000&archive=true&retentionHours=72',
    '--events-per-second 20000 --shape bursty --peak-factor 4 --keys 50000 --archive --retention-hours 72',
  ],
  ['eventsPerSecond=0', '--events-per-second 0'],
];

describe('the page about costs', () => {
  it('shows all that the command line says of the usual workload', async () => {
    const page = await openCostPage();
    expect(await commandOn(page)).toEqual([]);
    expectSame(await shownOn(page), await told([]));
  });

  it.each(hashes)('shows all that the command line says of %s', async (hash, args) => {
    const page = await openCostPage({ hash });
    expectSame(await shownOn(page), await told(args.split(' ')));
    expect((await commandOn(page)).toSorted()).toEqual(args.split(' ').toSorted());
  });

  it('says the same as the command that it shows, after every change of a field', async () => {
    const page = await openCostPage();
    await page.locator('#eventsPerSecond-slider').fill('60');
    await page.locator('#recordEvents').fill('10');
    await page.locator('#shape').selectOption('bursty');
    await page.locator('#archive').check();
    await settled(page);
    const first = await commandOn(page);
    expect(first).toContain('--archive');
    expectSame(await shownOn(page), await told(first));
    await page.locator('#partitions-slider').fill('12');
    await page.locator('#queriesPerSecond').fill('2.5');
    await page.locator('#rowDays').fill('7');
    await settled(page);
    const second = await commandOn(page);
    expect(second.length).toBeGreaterThan(first.length);
    expectSame(await shownOn(page), await told(second));
  });

  it('names a service for every meter', async () => {
    const page = await openCostPage({ hash: 'archive=true&queriesPerSecond=10' });
    const names = await page.locator('#totals .legend span').allTextContents();
    expect(names).toContain('Data out');
    expect(names.filter((name) => /[.]/.test(name))).toEqual([]);
  });

  it('draws the curves', async () => {
    const page = await openCostPage();
    const inked = `[...document.querySelectorAll('canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const [r, g, b] = [0x25, 0x59, 0xc4];
      let count = 0;
      for (let i = 0; i < data.length; i += 4)
        if (data[i] === r && data[i + 1] === g && data[i + 2] === b) count += 1;
      return count;
    })`;
    const counts = (await page.evaluate(inked)) as number[];
    expect(counts).toHaveLength(2);
    for (const count of counts) expect(count).toBeGreaterThan(300);
  });

  it('tells at the curves what stands where one points', async () => {
    const page = await openCostPage();
    const over = page.locator('.u-over').first();
    await over.hover({ position: { x: 200, y: 80 } });
    const readout = page.locator('.readout').first();
    await readout.waitFor();
    const values = await readout
      .locator('data')
      .evaluateAll((all) => all.map((one) => Number(one.getAttribute('value'))));
    const [{ curves }] = (await told([])) as [Estimate];
    const millrace = curves.points.map((point) => point.millrace);
    expect(millrace).toContain(values[0]);
  });

  it('is no wider than a phone', async () => {
    const page = await openCostPage({ width: 390 });
    const wide = `[...document.querySelectorAll('input, button, fieldset, .clouds > *, .table')]
      .filter((one) => one.getBoundingClientRect().right > innerWidth)
      .map((one) => one.outerHTML)`;
    expect(await page.evaluate(wide)).toEqual([]);
    // What a table has more is scrolled to.
    const cut = `[...document.querySelectorAll('.table')]
      .filter((one) => one.scrollWidth > one.clientWidth)
      .map((one) => getComputedStyle(one).overflowX)`;
    expect(new Set((await page.evaluate(cut)) as string[])).toEqual(new Set(['auto']));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await page.locator('#sums').textContent()).toMatch(/^AWS \$[\d.,]+, Azure \$[\d.,]+$/);
    expect(await page.locator('#sums').isVisible()).toBe(true);
  });
});
