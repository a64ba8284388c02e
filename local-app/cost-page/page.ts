import { MillraceError } from '../../core/errors.ts';
import type { Estimate } from '../../cost/estimate.ts';
import { priceBookOf } from '../../cost/price-book.ts';
import { profileOf } from '../../cost/profile.ts';
import { templateBill } from '../../cost/total.ts';
import { dollars, number, places } from '../../cost/words.ts';
import { defaultWorkload, type Workload, workloadOf } from '../../cost/workload.ts';
import { type Given, givenOf, hashOf } from './address.ts';
import { billTable } from './bill-table.ts';
import { Controls, type Unsaid } from './controls.ts';
import { byId, element } from './element.ts';
import { capacityTable, memoryTable } from './limits.ts';
import { mattersTable } from './matters.ts';
import { modesTable } from './modes.ts';
import { RateChart } from './rate-chart.ts';
import { Reckoner } from './reckoner.ts';
import { Share } from './share.ts';
import { sourcesText } from './sources.ts';
import { totalCard, verdictOf } from './totals.ts';
import type { Answer } from './worker.ts';

/** What the server sends for the page to reckon with. */
interface Data {
  readonly prices: unknown;
  readonly profile: unknown;
  readonly profileFile: string | null;
}

const clouds = ['aws', 'azure'] as const;

/** The tables of an estimate, by the place on the page where each stands. */
const tables: Readonly<Record<string, (estimate: Estimate) => HTMLElement>> = {
  bill: billTable,
  modes: modesTable,
  matters: mattersTable,
  capacity: capacityTable,
  memory: memoryTable,
};

const answers = byId('answers');
const problemList = byId('problems');

try {
  run((await (await fetch(new URL('../../data.json', import.meta.url))).json()) as Data);
} catch (error) {
  showProblems([error instanceof Error ? error.message : String(error)]);
}

function run({ prices, profile: measured, profileFile }: Data): void {
  const book = priceBookOf(prices);
  const profile = profileOf(measured);
  const known = profile.views[0]?.keys.at(-1)?.keys ?? 1;
  const unsaid: Unsaid = {
    keys: { value: known, text: number(known) },
    retentionHours: { value: 24, text: 'template' },
  };
  const share = new Share(profileFile);
  answers.prepend(share.element);
  const charts = clouds.map((cloud) => new RateChart(cloud));
  byId('rates').append(...charts.map(({ element: chart }) => chart));
  let given: Given = givenOf(location.hash);
  let isWhole = true;
  let isDrawing = false;
  let billsMs = 0;
  let verdicts: readonly HTMLElement[] = [];

  const reckoner = new Reckoner({ prices, profile: measured }, answered, (reason) => {
    showProblems([reason]);
  });
  const controls = new Controls(byId('workload'), unsaid, (change) => {
    given = change(given);
    draw();
  });
  addEventListener('hashchange', () => {
    given = givenOf(location.hash);
    isWhole = true;
    draw();
  });
  controls.show(defaultWorkload, true);
  draw();

  /** At most once a frame, whatever a slider sends. */
  function draw(): void {
    answers.setAttribute('aria-busy', 'true');
    if (isDrawing) return;
    isDrawing = true;
    requestAnimationFrame(() => {
      isDrawing = false;
      drawNow();
      isWhole = false;
    });
  }

  function drawNow(): void {
    let workload: Workload;
    try {
      workload = workloadOf(given);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      showProblems(error.problems);
      controls.blame(error.problems);
      if (isWhole) controls.write(given);
      return;
    }
    showProblems([]);
    controls.show(workload, isWhole);
    share.show(workload);
    const start = performance.now();
    const bills = clouds.map((cloud) => templateBill(cloud, workload, profile, book));
    billsMs = performance.now() - start;
    const most = Math.max(...bills.map(({ total }) => total));
    const cards = bills.map((bill, i) => totalCard({ cloud: clouds[i]!, workload, bill, most }));
    byId('totals').replaceChildren(...cards);
    byId('sums').textContent = bills
      .map(({ total }, i) => `${places[clouds[i]!].split(',')[0]} $${dollars(total)}`)
      .join(', ');
    showVerdicts();
    reckoner.ask(workload);
  }

  function answered({ estimates, ms }: Answer, isLast: boolean): void {
    verdicts = estimates.map(verdictOf);
    showVerdicts();
    for (const [id, of] of Object.entries(tables)) byId(id).replaceChildren(...estimates.map(of));
    for (const [i, chart] of charts.entries()) chart.show(estimates[i]!);
    byId('sources').replaceChildren(...sourcesText(book, profile, { bills: billsMs, all: ms }));
    if (!isLast || isDrawing) return;
    // Browsers take only so many changes of the address in a while.
    const hash = hashOf(given);
    history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`);
    if (problemList.hidden) answers.setAttribute('aria-busy', 'false');
  }

  function showVerdicts(): void {
    for (const [i, card] of [...byId('totals').children].entries()) {
      const verdict = verdicts[i];
      if (verdict !== undefined) card.append(verdict);
    }
  }
}

/** What is wrong, above answers that are of the last workload that was right. */
function showProblems(problems: readonly string[]): void {
  problemList.hidden = problems.length === 0;
  problemList.replaceChildren(...problems.map((problem) => element('li', {}, problem)));
  answers.classList.toggle('old', problems.length > 0);
  if (problems.length > 0) answers.setAttribute('aria-busy', 'false');
}
