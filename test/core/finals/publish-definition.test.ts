import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { MillraceError } from '../../../core/errors.ts';
import { checkSinks } from '../../../core/finals/publishing.ts';

/** A pipeline whose view says to publish. */
function published(publish: unknown) {
  return definePipeline({
    name: 'p',
    schema: Type.Object({ id: Type.String(), at: Type.Number() }),
    ...({ id: 'id', time: 'at', partitionKey: 'id' } as const),
    views: (on) => ({
      v: on.view({
        key: [],
        window: tumbling('1m'),
        publish: publish as { readonly to: string },
        measures: { c: on.count() },
      }),
    }),
  });
}

/** The problems of a definition. */
function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof MillraceError) return error.problems;
    throw error;
  }
  return [];
}

test('a view names its sink, and how often early updates come', () => {
  const planOf = (publish: unknown) => published(publish).plan.views[0]!.publish;
  expect(planOf(undefined)).toBe(null);
  expect(planOf({ to: 'results' })).toEqual({ to: 'results', early: null });
  expect(planOf({ to: 'a-1', early: '90s' })).toEqual({ to: 'a-1', early: 90_000 });
});

test('what is published is no part of what stored bytes mean', () => {
  expect(published({ to: 'results' }).plan.shape).toBe(published(undefined).plan.shape);
});

test.each([
  [null, "view 'v': publish must be { to: the name of a sink, such as 'results' }"],
  ['results', "view 'v': publish must be { to: the name of a sink, such as 'results' }"],
  [{}, "view 'v': publish.to must be 1 to 32 of a-z, 0-9 and '-', starting with a letter"],
  [{ to: 'A' }, "view 'v': publish.to must be 1 to 32 of a-z, 0-9 and '-', starting with a letter"],
  [{ to: 'a', erly: '1m' }, "view 'v': publish: 'erly' is not an option"],
  [
    { to: 'a', early: '10ms' },
    'view \'v\': publish.early must be a duration of 1s or more, not "10ms"',
  ],
])('%j is refused', (publish, problem) => {
  expect(problemsOf(() => published(publish))).toEqual([problem]);
});

test('a sink that the host has not is told of, with what to do', () => {
  const pipelines = [published({ to: 'results' }), published(undefined)];
  checkSinks(pipelines, (sink) => sink === 'results', String);
  expect(
    problemsOf(() =>
      checkSinks(
        pipelines,
        () => false,
        (sink) => `set ${sink}`,
      ),
    ),
  ).toEqual(["pipeline 'p' publishes view 'v' to 'results': set results"]);
});
