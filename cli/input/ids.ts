import { MillraceError } from '../../core/errors.ts';

/** Gives rows their ids. */
export interface IdMaker {
  /** The fields that the ids are made of. */
  readonly fields: readonly string[];
  /** Sets the id of a row. */
  into(value: Record<string, unknown>, row: number): void;
}

/**
 * An id by an expression: the name of a field, or a template with fields in braces, `{origin}-{date}`. A field counts
 * as missing if it is no text, number or boolean, or is empty; then the id is `<file name>:<row number>`.
 *
 * @param expression if undefined, a row keeps the id that it has.
 * @throws MillraceError `request` when the template is none.
 */
export function idMaker(name: string, idField: string, expression: string | undefined): IdMaker {
  const parts = expression === undefined ? null : partsOf(expression);
  const fields = (parts ?? []).filter((_, index) => index % 2 === 1);
  const into = (value: Record<string, unknown>, row: number): void => {
    if (parts === null && value[idField] !== undefined) return;
    value[idField] = (parts === null ? null : render(parts, value)) ?? `${name}:${row}`;
  };
  return { fields, into };
}

/** Literal texts and field names in turn, a literal first and last. */
function partsOf(expression: string): string[] {
  if (!/[{}]/.test(expression) && expression !== '') return ['', expression, ''];
  const parts = expression.split(/\{([^{}]+)\}/);
  const stray = parts.some((part, index) => index % 2 === 0 && /[{}]/.test(part));
  if (parts.length > 1 && !stray) return parts;
  throw new MillraceError(
    'request',
    `--id ${JSON.stringify(expression)} is neither a field nor a template like {origin}-{date}`,
  );
}

function render(parts: readonly string[], value: Readonly<Record<string, unknown>>): string | null {
  let id = '';
  for (const [index, part] of parts.entries()) {
    const text = index % 2 === 0 ? part : textOf(Object.hasOwn(value, part) ? value[part] : null);
    if (text === null) return null;
    id += text;
  }
  return id;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
