/** The rows of the tables under a heading, as cells. */
export function rowsUnder(page: string, heading: string): string[][] {
  const [, section = ''] = new RegExp(`^## ${heading}$([\\s\\S]*?)(?=^## )`, 'm').exec(page) ?? [];
  const rows = [...section.matchAll(/^\|(.+)\|$/gm)].map(([, row = '']) => row.split('|'));
  const cells = rows.map((row) => row.map((cell) => cell.trim().replaceAll('`', '')));
  return cells.filter(([first = '']) => !first.startsWith('---'));
}

/** A table of costs: what each row multiplies, and its sum. */
export interface Costs {
  readonly rows: readonly {
    readonly quantity: number;
    readonly price: number;
    readonly cost: number;
  }[];
  readonly sum: number;
}

/** The tables of costs of a page. */
export function costsIn(page: string): Costs[] {
  const tables = page.split(/^\| .* \| quantity \| price \| month \|$/m).slice(1);
  return tables.map((table) => {
    const found = [...table.matchAll(/^\| .* \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$/gm)];
    const [, sum] = /^\| sum \| \| \| ([\d.]+) \|$/m.exec(table) ?? [];
    const rows = found.map(([, quantity, price, cost]) => {
      return { quantity: Number(quantity), price: Number(price), cost: Number(cost) };
    });
    return { rows, sum: Number(sum) };
  });
}
