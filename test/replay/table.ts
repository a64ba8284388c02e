import type { Compared } from './replay.ts';
import { uncounted } from './uncounted.ts';

const begin = '<!-- replay: npm run cost:replay -- --write -->';
const end = '<!-- replay ends -->';
const names = { aws: 'AWS', azure: 'Azure' } as const;

/** A table of Markdown: by meter and workload what was predicted and counted, and the error. */
export function tableOf(compared: readonly Compared[]): string {
  const workloads = [...new Set(compared.map(({ workload }) => workload))];
  const meters = new Map<string, Map<string, string>>();
  for (const { cloud, workload, meter, predicted, counted, error } of compared) {
    const name = `${names[cloud]}, ${meter}`;
    const cells = meters.get(name) ?? new Map<string, string>();
    meters.set(
      name,
      cells.set(workload, `${whole(predicted)} / ${whole(counted)}, ${percent(error)}`),
    );
  }
  const rows = [...meters].map(([name, cells]) => {
    return `| ${[name, ...workloads.map((workload) => cells.get(workload) ?? '')].join(' | ')} |`;
  });
  const head = `| predicted / counted, error | ${workloads.join(' | ')} |`;
  return [head, `| --- |${' ---: |'.repeat(workloads.length)}`, ...rows].join('\n');
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const percent = (error: number | null): string =>
  error === null ? 'none' : `${(100 * error).toFixed(1).replace(/^-(?=0\.0$)/, '')} %`;

/** What can't be counted, a line each. */
export function uncountedText(): string {
  const lines = (['aws', 'azure'] as const).flatMap((cloud) =>
    Object.entries(uncounted[cloud]).map(([name, why]) => `- ${names[cloud]}, ${name}: ${why}`),
  );
  return `Not counted:\n\n${lines.join('\n')}`;
}

/** The page with the table of a replay in place of the one before. */
export function withTable(page: string, compared: readonly Compared[], day: string): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no ${begin}`);
  const text = `By \`npm run cost:replay\` on ${day}:\n\n${tableOf(compared)}`;
  return `${before}${begin}\n${text}\n\n${uncountedText()}\n${end}${after}`;
}
