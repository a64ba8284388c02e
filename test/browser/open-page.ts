import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { serving } from '../apps/serving.ts';
import { launchChromium } from './chromium.ts';

let browser: Browser | undefined;

/** One browser for the tests of a file. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
  });
}

/** How a page is opened. */
export interface Opening {
  /** What stands behind `#`. */
  readonly hash?: string;
  readonly width?: number;
  /** What the page gets to reckon with, instead of what the server has. */
  readonly data?: string;
}

/**
 * The page about costs of an embedded Millrace, with its answers. At the end of the test it must have run without an
 * error, and must have asked no other host for anything.
 */
export async function openCostPage(opening: Opening = {}): Promise<Page> {
  const { hash = '', width = 1_440, data } = opening;
  const { url } = await serving();
  const page = await browser!.newPage({ viewport: { width, height: 1_000 } });
  const troubles: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => troubles.push(message.text()));
  page.on('requestfailed', (request) => troubles.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => asked.push(request.url()));
  onTestFinished(async () => {
    await page.close();
    expect(troubles).toEqual([]);
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter((one) => new URL(one).origin !== url)).toEqual([]);
  });
  if (data !== undefined) {
    const contentType = 'application/json';
    await page.route('**/data.json', (route) => route.fulfill({ contentType, body: data }));
  }
  await page.goto(`${url}/cost${hash === '' ? '' : `#${hash}`}`);
  await settled(page);
  return page;
}

/** Waits until the page shows all answers about the workload that is set, or what is wrong with it. */
export async function settled(page: Page): Promise<void> {
  await page.locator('#answers[aria-busy=false]').waitFor();
}
