import type { Bill } from '../../cost/bill.ts';
import type { Estimate } from '../../cost/estimate.ts';
import type { Cloud } from '../../cost/price-book.ts';
import { dollars, places } from '../../cost/words.ts';
import type { Workload } from '../../cost/workload.ts';
import { billTable } from './bill-table.ts';
import { byId } from './element.ts';
import { capacityTable, memoryTable } from './limits.ts';
import { mattersTable } from './matters.ts';
import { modesTable } from './modes.ts';
import { RateChart } from './rate-chart.ts';
import { totalCard, verdictOf } from './totals.ts';

/** The clouds as they stand on the page. */
export const clouds: readonly Cloud[] = ['aws', 'azure'];

/** The tables of an estimate, by the place on the page where each stands. */
const tables: Readonly<Record<string, (estimate: Estimate) => HTMLElement>> = {
  bill: billTable,
  modes: modesTable,
  matters: mattersTable,
  capacity: capacityTable,
  memory: memoryTable,
};

/** The answers on the page: the sums at once, the rest when it is worked out. */
export class Answers {
  readonly #charts = clouds.map((cloud) => new RateChart(cloud));
  #verdicts: readonly HTMLElement[] = [];

  constructor() {
    byId('rates').append(...this.#charts.map((chart) => chart.element));
  }

  /** Shows the sums of a workload, by cloud. */
  showBills(workload: Workload, bills: readonly Bill[]): void {
    const most = Math.max(...bills.map(({ total }) => total));
    const of = (index: number): Cloud => clouds[index] as Cloud;
    const cards = bills.map((bill, i) => totalCard({ cloud: of(i), workload, bill, most }));
    byId('totals').replaceChildren(...cards);
    byId('sums').textContent = bills
      .map(({ total }, i) => `${places[of(i)].split(',')[0]} $${dollars(total)}`)
      .join(', ');
    this.#showVerdicts();
  }

  /** Shows everything of the estimates, by cloud. */
  showEstimates(estimates: readonly Estimate[]): void {
    this.#verdicts = estimates.map(verdictOf);
    this.#showVerdicts();
    for (const [id, of] of Object.entries(tables)) byId(id).replaceChildren(...estimates.map(of));
    for (const [i, estimate] of estimates.entries()) this.#charts[i]?.show(estimate);
  }

  #showVerdicts(): void {
    for (const [i, card] of [...byId('totals').children].entries()) {
      const verdict = this.#verdicts[i];
      if (verdict !== undefined) card.append(verdict);
    }
  }
}
