import { MillraceError } from '../../core/errors.ts';
import { priceBookOf } from '../../cost/price-book.ts';
import { profileOf } from '../../cost/profile.ts';
import { templateBill } from '../../cost/total.ts';
import { number } from '../../cost/words.ts';
import { defaultWorkload, type Workload, workloadOf } from '../../cost/workload.ts';
import { type Given, givenOf, hashOf } from './address.ts';
import { Answers, clouds } from './answers.ts';
import { Controls, type Unsaid } from './controls.ts';
import { byId, element } from './element.ts';
import { Reckoner } from './reckoner.ts';
import { Share } from './share.ts';
import { sourcesText } from './sources.ts';
import type { Answer } from './worker.ts';

/** What the server sends for the page to reckon with. */
interface Data {
  readonly prices: unknown;
  readonly profile: unknown;
  readonly profileFile: string | null;
}

const main = byId('answers');
const problemList = byId('problems');

try {
  run((await (await fetch(new URL('../../data.json', import.meta.url))).json()) as Data);
} catch (error) {
  showProblems([error instanceof Error ? error.message : String(error)]);
}

function run({ prices, profile: measured, profileFile }: Data): void {
  const book = priceBookOf(prices);
  const profile = profileOf(measured);
  const known = Math.round(profile.views[0]?.popularity.keys ?? 1);
  const unsaid: Unsaid = {
    keys: { value: known, text: number(known) },
    retentionHours: { value: 24, text: 'template' },
  };
  const share = new Share(profileFile);
  main.prepend(share.element);
  const answers = new Answers();
  const reckoner = new Reckoner({ prices, profile: measured }, answered, (reason) => {
    showProblems([reason]);
  });
  const controls = new Controls(byId('workload'), unsaid, (change) => draw(change(given), false));
  let given: Given = {};
  let isWhole = true;
  let isDrawing = false;
  let billsMs = 0;
  controls.show(defaultWorkload, true);
  addEventListener('hashchange', () => draw(givenOf(location.hash), true));
  draw(givenOf(location.hash), true);

  /** At most once a frame, whatever a slider sends. `all` also writes over the text that somebody is at. */
  function draw(next: Given, all: boolean): void {
    given = next;
    isWhole ||= all;
    main.setAttribute('aria-busy', 'true');
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
    answers.showBills(workload, bills);
    reckoner.ask(workload);
  }

  function answered({ estimates, ms }: Answer, isLast: boolean): void {
    answers.showEstimates(estimates);
    byId('sources').replaceChildren(...sourcesText(book, profile, { bills: billsMs, all: ms }));
    if (!isLast || isDrawing || !problemList.hidden) return;
    // Browsers take only so many changes of the address in a while.
    const hash = hashOf(given);
    history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`);
    main.setAttribute('aria-busy', 'false');
  }
}

/** What is wrong, above answers that are of the last workload that was right. */
function showProblems(problems: readonly string[]): void {
  problemList.hidden = problems.length === 0;
  problemList.replaceChildren(...problems.map((problem) => element('li', {}, problem)));
  // On a phone the list may be out of sight, and this line is not.
  byId('sums').textContent = problems[0] ?? '';
  main.classList.toggle('old', problems.length > 0);
  if (problems.length > 0) main.setAttribute('aria-busy', 'false');
}
