import type { Bill } from '../../cost/bill.ts';

const million = 1_000_000;

/** The lines of a bill as the rows of a table of costs in the docs: small prices by the million. */
export function docRows({ lines }: Bill): string[] {
  const rows = lines.map(({ meter, price }) => {
    const isSmall = price.price < 1e-3;
    const quantity = digits(isSmall ? meter.units / million : meter.units);
    const unitPrice = digits(isSmall ? price.price * million : price.price);
    const cost = (quantity * unitPrice).toFixed(2);
    const unit = `${isSmall ? 'million ' : ''}${price.unit === 'GB' ? 'GB' : `${price.unit}s`}`;
    return { text: `| ${meter.name}, ${unit} | ${quantity} | ${unitPrice} | ${cost} |`, cost };
  });
  const sum = rows.reduce((all, { cost }) => all + Number(cost), 0);
  return [...rows.map(({ text }) => text), `| sum | | | ${sum.toFixed(2)} |`];
}

/** Six digits, and no exponent. */
function digits(value: number): number {
  return Number(value.toPrecision(6));
}
