import { Refusal } from './conditions.ts';

/** Where a reader begins: at the first event whose figure is beyond `value`, or equal to it if that is included. */
export interface Position {
  readonly by: 'offset' | 'sequence' | 'enqueued';
  /** An integer; as an offset also `-1` (the start) and `@latest` (the end). */
  readonly value: string;
  readonly inclusive: boolean;
}

const annotations: Readonly<Record<string, Position['by']>> = {
  'x-opt-offset': 'offset',
  'x-opt-sequence-number': 'sequence',
  'x-opt-enqueued-time': 'enqueued',
};
const grammar = /^amqp\.annotation\.(x-opt-[a-z-]+)\s*(>=?)\s*'([^']*)'$/;

/** Without a filter a reader begins at the start. */
export const fromStart: Position = { by: 'offset', value: '-1', inclusive: false };

/**
 * Reads a filter such as `amqp.annotation.x-opt-offset > '-1'`.
 *
 * @throws Refusal for any other text.
 */
export function positionOf(filter: string): Position {
  const [, annotation = '', operator, value = ''] = grammar.exec(filter.trim()) ?? [];
  const by = annotations[annotation];
  const isNumber = /^-?\d{1,19}$/.test(value);
  if (by === undefined || !(isNumber || (by === 'offset' && value === '@latest'))) {
    throw new Refusal('com.microsoft:argument-error', `The filter '${filter}' is not valid.`);
  }
  return { by, value, inclusive: operator === '>=' };
}
