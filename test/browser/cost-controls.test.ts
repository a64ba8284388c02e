import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openCostPage, settled, withBrowser } from './open-page.ts';

withBrowser();

const total = async (page: Page): Promise<number> =>
  Number(await page.locator('#total-aws data').first().getAttribute('value'));
const hashOf = (page: Page): string => new URL(page.url()).hash;

describe('the fields of the page about costs', () => {
  it('take a slider by keyboard, and say its value and unit', async () => {
    const page = await openCostPage();
    const before = await total(page);
    const slider = page.getByRole('slider', { name: 'Rate' });
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await settled(page);
    expect(await page.locator('#eventsPerSecond').inputValue()).toBe('1,200');
    expect(await slider.getAttribute('aria-valuetext')).toBe('1,200 events/s');
    expect(await total(page)).toBeGreaterThan(before);
    await page.keyboard.press('Home');
    await settled(page);
    expect(await page.locator('#eventsPerSecond').inputValue()).toBe('0');
    await page.keyboard.press('End');
    await settled(page);
    expect(await page.locator('#eventsPerSecond').inputValue()).toBe('10,000,000');
  });

  it('follow the mouse, and end where it ends', async () => {
    const page = await openCostPage();
    const box = (await page.locator('#eventsPerSecond-slider').boundingBox())!;
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width / 2, y);
    await page.mouse.down();
    for (let step = 0; step <= 40; step += 2) {
      await page.mouse.move(box.x + (box.width * (40 + step)) / 100, y);
    }
    await page.mouse.up();
    await settled(page);
    const rate = await page.locator('#eventsPerSecond').inputValue();
    expect(Number(rate.replaceAll(',', ''))).toBeGreaterThan(50_000);
    expect(hashOf(page)).toBe(`#eventsPerSecond=${rate.replaceAll(',', '')}`);
  });

  it('can all be reached by Tab and have a name', async () => {
    const page = await openCostPage();
    const labels = `[...document.querySelectorAll('#workload :is(input, select)')].map((one) =>
      one.type === 'range'
        ? document.getElementById(one.getAttribute('aria-labelledby'))?.textContent
        : one.labels[0]?.textContent)`;
    const names = (await page.evaluate(labels)) as (string | null)[];
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !name)).toEqual([]);
    await page.locator('#eventsPerSecond').focus();
    const visited: unknown[] = [];
    for (let i = 0; i < 6; i += 1) {
      await page.keyboard.press('Tab');
      visited.push(await page.evaluate('document.activeElement.id'));
    }
    const order = ['eventsPerSecond-slider', 'shape', 'eventBytes', 'eventBytes-slider'];
    expect(visited).toEqual([...order, 'recordEvents', 'recordEvents-slider']);
  });

  it('keep a workload in the address, and take it from there', async () => {
    const page = await openCostPage();
    await page.locator('#eventsPerSecond').fill('123');
    await page.locator('#shape').selectOption('bursty');
    await page.locator('#peakFactor').fill('7');
    await page.locator('#archive').check();
    await settled(page);
    const sum = await total(page);
    expect(hashOf(page)).toBe('#eventsPerSecond=123&shape=bursty&peakFactor=7&archive=true');
    await page.reload();
    await settled(page);
    expect(await total(page)).toBe(sum);
    expect(await page.locator('#eventsPerSecond').inputValue()).toBe('123');
    expect(await page.locator('#shape').inputValue()).toBe('bursty');
    expect(await page.locator('#peakFactor').inputValue()).toBe('7');
    expect(await page.locator('#archive').isChecked()).toBe(true);
    await page.evaluate("location.hash = '#partitions=8'");
    const partitions = () => page.locator('#partitions').inputValue();
    await expect.poll(partitions, { timeout: 20_000 }).toBe('8');
    await settled(page);
    expect(await page.locator('#eventsPerSecond').inputValue()).toBe('1,000');
    await page.locator('#reset').click();
    await settled(page);
    expect(hashOf(page)).toBe('');
    expect(await page.locator('#partitions').inputValue()).toBe('4');
  });

  it('say in place what is wrong, keep the answers apart, and recover', async () => {
    const page = await openCostPage();
    const problems = page.locator('#problems');
    expect(await problems.isHidden()).toBe(true);
    await page.locator('#eventBytes').fill('1,000,000');
    await settled(page);
    expect(await problems.locator('li').allTextContents()).toEqual([
      'a record has at most 8 MB before compression: fewer recordEvents',
    ]);
    expect(await page.locator('#recordEvents').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#answers').getAttribute('class')).toBe('old');
    expect(await page.locator('#sums').textContent()).toMatch(/^a record has at most/);
    await page.locator('#recordEvents').fill('many');
    await settled(page);
    expect(await problems.textContent()).toContain('not "many"');
    await page.locator('#recordEvents').fill('1');
    await settled(page);
    expect(await problems.isHidden()).toBe(true);
    expect(await page.locator('[aria-invalid=true]').count()).toBe(0);
    expect(await page.locator('#answers').getAttribute('class')).not.toBe('old');
  });

  it('say what is wrong with an address', async () => {
    const page = await openCostPage({ hash: 'partitions=0&color=red&shape=round' });
    const problems = (await page.locator('#problems').textContent()) ?? '';
    expect(problems).toContain('partitions must be a whole number from 1 to 10,000, not 0');
    expect(problems).toContain('there is no color');
    expect(problems).toContain('shape must be one of flat, daily, bursty, not "round"');
    expect(await page.locator('#partitions').inputValue()).toBe('0');
  });

  it('say that the prices that came are none', async () => {
    const page = await openCostPage({ data: '{"prices":{"readOn":"2026-11-22"}}' });
    const problems = (await page.locator('#problems').textContent()) ?? '';
    expect(problems).toContain('the price book is wrong: prices must be an array of prices');
  });

  it('mean the default where they are empty', async () => {
    const page = await openCostPage({ hash: 'partitions=8&keys=5' });
    await page.locator('#partitions').fill('');
    await page.locator('#keys').fill('');
    await page.locator('#keys').press('Tab');
    await settled(page);
    expect(await page.locator('#partitions').inputValue()).toBe('4');
    expect(await page.locator('#keys').inputValue()).toBe('');
    expect(hashOf(page)).toBe('');
  });
});
