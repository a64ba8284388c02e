import { rowJson } from '../../core/query/answer.ts';
import { keptEvents } from '../../core/query/kept.ts';
import type { Reader } from '../../core/query/reader.ts';
import type { PageContext } from '../../core/view/page.ts';

/** All that a pipeline has made of a stream: texts by what they are about. */
export type WholeResult = ReadonlyMap<string, readonly string[]>;

/** Reads rows, counts, late events and dead letters, each to the byte; stacks of errors are left out. */
export async function wholeResult(context: PageContext, reader: Reader): Promise<WholeResult> {
  const result = new Map<string, readonly string[]>();
  for (const { name } of context.plan.views) {
    const { rows, selected, finalTo } = await reader.read(name, {
      limit: context.limits.answerRowsMax,
    });
    const texts = selected.map((row) => rowJson(rows, row, finalTo));
    result.set(`rows of ${name}`, texts);
  }
  for (const { partition, counts, watermark } of await reader.partitions()) {
    result.set(`counts of partition ${partition}`, [JSON.stringify({ watermark, counts })]);
    const late: string[] = [];
    for await (const { json } of keptEvents(context, partition, '_late')) {
      late.push(JSON.stringify(json));
    }
    result.set(`late events of partition ${partition}`, late);
    const dead: string[] = [];
    for await (const { json } of keptEvents(context, partition, '_dead')) {
      const errors = json.errors.map((error) => error.split('\n')[0]);
      dead.push(JSON.stringify({ ...json, errors }));
    }
    result.set(`dead letters of partition ${partition}`, dead);
  }
  return result;
}

/** What differs first between two results; null when nothing does. */
export function firstDifference(found: WholeResult, expected: WholeResult): string | null {
  for (const [what, texts] of expected) {
    const there = found.get(what) ?? [];
    for (let i = 0; i < Math.max(texts.length, there.length); i += 1) {
      if (texts[i] === there[i]) continue;
      return `${what}: ${there[i] ?? 'nothing'}, but without faults ${texts[i] ?? 'nothing'}`;
    }
  }
  return null;
}
