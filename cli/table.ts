/** A column of a table for people. */
export interface Column {
  readonly head: string;
  readonly cells: readonly string[];
  /** Numbers stand right. */
  readonly right?: boolean;
}

/** Aligned columns under their heads, one line per row, indented; plain text without colours. */
export function table(columns: readonly Column[], indent: string = ''): string {
  const widths = columns.map(({ head, cells }) =>
    cells.reduce((most, cell) => Math.max(most, cell.length), head.length),
  );
  const line = (cellOf: (column: Column) => string): string => {
    const cells = columns.map((column, i) => {
      const width = widths[i] as number;
      return column.right ? cellOf(column).padStart(width) : cellOf(column).padEnd(width);
    });
    return `${indent}${cells.join('  ')}`.trimEnd();
  };
  const size = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const rows = Array.from({ length: size }, (_, i) => line(({ cells }) => cells[i] ?? ''));
  return [line(({ head }) => head), ...rows].join('\n');
}

/** A column of instants, RFC 3339, as precise as the most precise of them needs: `2001-01-01 08:00`. */
export function timeColumn(head: string, instants: readonly (string | null)[]): Column {
  const all = instants.flatMap((instant) => instant ?? []);
  const to = all.every((instant) => instant.endsWith(':00.000Z'))
    ? 16
    : all.every((instant) => instant.endsWith('.000Z'))
      ? 19
      : 23;
  const cells = instants.map((instant) => instant?.slice(0, to).replace('T', ' ') ?? '-');
  return { head: `${head} (UTC)`, cells };
}

const digitsMax = 4;

/** A column of numbers as JSON texts, which may have more digits than a number holds; `null` becomes a dash. */
export function numberColumn(head: string, texts: readonly string[]): Column {
  const fractions = texts.map((text) => (/[eE]/.test(text) ? '' : (text.split('.')[1] ?? '')));
  const digits = Math.min(digitsMax, Math.max(0, ...fractions.map(({ length }) => length)));
  const cells = texts.map((text) => {
    if (text === 'null') return '-';
    if (/^-?\d+$/.test(text)) return digits === 0 ? text : `${text}.${'0'.repeat(digits)}`;
    const value = Number(text);
    if (Number.isNaN(value)) return text;
    const tiny = value !== 0 && Math.abs(value) < 10 ** -digitsMax / 2;
    return tiny ? value.toPrecision(3) : value.toFixed(digits);
  });
  return { head, cells, right: true };
}
