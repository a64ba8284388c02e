/**
 * One row of a file: an object, or `raw` where the row is none. `raw` is to be published as it is, as one event: it
 * is never a JSON object and holds no newline, so the pipeline makes exactly one dead letter of it.
 */
export type InputRow =
  | { readonly row: number; readonly value: Record<string, unknown>; readonly raw?: never }
  | { readonly row: number; readonly raw: Uint8Array; readonly value?: never };

/** A file that is open: its columns if it names them up front, and its rows in chunks, in order. */
export interface OpenInput {
  readonly columns: readonly string[] | null;
  readonly chunks: AsyncIterable<InputRow[]>;
}

/** The `raw` of a row that is known as text only: one JSON text, which is no object and has no newline. */
export function rawText(text: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(text));
}

/** Rows of one chunk, at most. */
export const chunkRows: number = 1_024;
