import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Page, PageFile } from '../adapters/http/page.ts';
import type { Profile } from '../cost/profile.ts';
import { browserModules } from './browser-modules.ts';

/** What the page reckons with instead of what is shipped. */
export interface CostSources {
  readonly profile: Profile;
  /** The file it was read from, as the command line names it. */
  readonly profileFile: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = 'local-app/cost-page';
const entries = [`${folder}/page.ts`, `${folder}/worker.ts`];
const styles = ['theme.css', 'page.css', 'answers.css', 'charts.css'];
const chart = 'packages/uplot.js';

/**
 * The page at `/cost`: the model in `cost/` as it stands, run by the browser. What it serves are the modules that its
 * two entries import, and the files named here; it is put together when it is first asked for.
 */
export function costPage(sources?: CostSources): Page {
  let files: ReadonlyMap<string, PageFile> | undefined;
  return {
    path: '/cost',
    title: 'What it costs on AWS and Azure',
    files: () => {
      files ??= filesOf(sources);
      return files;
    },
  };
}

function filesOf(sources: CostSources | undefined): Map<string, PageFile> {
  const own = (name: string): string =>
    readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
  const { resolve } = createRequire(import.meta.url);
  const dist = (name: string): string => readFileSync(resolve(`uplot/dist/${name}`), 'utf8');
  const shipped = { profile: JSON.parse(own('cost/default-profile.json')), profileFile: null };
  const data = { prices: JSON.parse(own('cost/prices.json')), ...(sources ?? shipped) };
  const modules = browserModules(root, entries, { uplot: chart });
  return new Map([
    ['', file('text/html', own(`${folder}/page.html`))],
    ...styles.map((name) => [`/${name}`, file('text/css', own(`${folder}/${name}`))] as const),
    ['/icon.svg', file('image/svg+xml', own(`${folder}/icon.svg`))],
    ['/packages/uplot.css', file('text/css', dist('uPlot.min.css'))],
    [`/${chart}`, file('text/javascript', dist('uPlot.esm.js'))],
    ['/data.json', file('application/json', JSON.stringify(data))],
    ...[...modules].map(([path, code]) => [`/${path}`, file('text/javascript', code)] as const),
  ]);
}

function file(type: string, body: string): PageFile {
  const hash = createHash('sha256').update(body).digest('base64url');
  return {
    type: type === 'application/json' ? type : `${type}; charset=utf-8`,
    body,
    etag: `"${hash}"`,
  };
}
