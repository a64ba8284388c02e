import { parseArgs } from 'node:util';
import { localConfig } from '../../local-app/config.ts';
import { start } from '../../local-app/main.ts';
import { flights } from '../../pipelines/flights.ts';
import { launchChromium } from './chromium.ts';

// Makes the picture of the page about costs that the README shows: `npm run picture`.
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'docs/cost.png' },
    hash: { type: 'string', default: '' },
    scheme: { type: 'string', default: 'light' },
    width: { type: 'string', default: '1440' },
    height: { type: 'string', default: '1000' },
    full: { type: 'boolean', default: false },
  },
});
const running = await start(localConfig({ pipelines: [flights] }), {
  server: { host: '127.0.0.1', port: 0, token: null },
  onTrouble: (_, error) => console.error(error),
});
const browser = await launchChromium();
try {
  const page = await browser.newPage({
    viewport: { width: Number(values.width), height: Number(values.height) },
    colorScheme: values.scheme === 'dark' ? 'dark' : 'light',
  });
  page.on('pageerror', (error) => console.error(error));
  page.on('console', (message) => console.error(message.text()));
  await page.goto(`${running.url}/cost#${values.hash}`);
  await page.locator('#answers[aria-busy=false]').waitFor();
  await page.screenshot({ path: values.out, fullPage: values.full });
} finally {
  await browser.close();
  await running.stop();
}
