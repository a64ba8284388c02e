import type { Workload } from '../../cost/workload.ts';
import type { Answer, Question } from './worker.ts';

/**
 * Has everything about a workload worked out beside the page, so that a slider never waits. Of the workloads that come
 * while one is under way, only the last is worked out.
 */
export class Reckoner {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  #isBusy = false;
  #next: Workload | null = null;

  /** @param answered hears each answer, and whether nothing newer waits. */
  constructor(
    sources: { readonly prices: unknown; readonly profile: unknown },
    answered: (answer: Answer, isLast: boolean) => void,
    failed: (reason: string) => void,
  ) {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      this.#isBusy = false;
      const isLast = this.#next === null;
      this.#askNext();
      answered(data, isLast);
    });
    this.#worker.addEventListener('error', ({ message }) => {
      this.#isBusy = false;
      failed(message);
    });
    this.#send({ sources });
  }

  /** Asks for a workload. */
  ask(workload: Workload): void {
    this.#next = workload;
    if (!this.#isBusy) this.#askNext();
  }

  #askNext(): void {
    if (this.#next === null) return;
    this.#isBusy = true;
    this.#send({ workload: this.#next });
    this.#next = null;
  }

  #send(question: Question): void {
    this.#worker.postMessage(question);
  }
}
