import type { Scope } from '../journal/keys.ts';
import type { ResultMessage } from '../ports/result-sink.ts';
import { rowJson } from '../query/answer.ts';
import type { Rows } from '../view/rows.ts';
import { keyText } from './due.ts';

/** What kind of message a row goes into: its last word, or one of those before. */
export type MessageKind =
  | { readonly kind: 'final' }
  /** Of two early updates of one id the one of the greater revision is newer. */
  | { readonly kind: 'early'; readonly revision: number };

/**
 * A row as a message: what a query answers, with an id in front that is the same whenever the row is sent. The id is
 * the text of what names a row and no hash of it, since two rows must never share one.
 */
export function resultMessage(
  { pipeline, generation }: Scope,
  rows: Rows,
  row: number,
  kind: MessageKind,
): ResultMessage {
  const key = keyText(rows, row);
  const start = new Date(rows.starts[row] as number).toISOString();
  const id = `${pipeline}/${generation}/${rows.view.name}/${start}/${key}`;
  const head = JSON.stringify({ id, ...kind, pipeline, generation }).slice(0, -1);
  // Final by its own end: the text is the same whenever it is sent.
  const final = rows.end(row) + rows.view.lateness;
  const json = rowJson(rows, row, kind.kind === 'final' ? final : final - 1);
  return { id, key, json: `${head},${json.slice(1)}` };
}
