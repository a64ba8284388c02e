import { commandOf } from '../../cost/command-line.ts';
import type { Workload } from '../../cost/workload.ts';
import { element } from './element.ts';

const doneMs = 1_500;

/** The command line that tells the same, and buttons that copy it and the page's address. */
export class Share {
  readonly element: HTMLElement;
  readonly #command = element('code', { id: 'command' });
  readonly #profile: string | null;

  /** @param profile the file of the profile; null for the one that is shipped. */
  constructor(profile: string | null) {
    this.#profile = profile;
    this.element = element(
      'div',
      { class: 'share' },
      this.#command,
      copyButton('Copy command', () => this.#command.textContent ?? ''),
      copyButton('Copy link', () => location.href),
    );
  }

  /** Tells the command of a workload. */
  show(workload: Workload): void {
    // A line ends between options, never within one.
    const parts = commandOf(workload, this.#profile).split(/ (?=--)/);
    const spans = parts.flatMap((part) => [element('span', {}, part), ' ']).slice(0, -1);
    this.#command.replaceChildren(...spans);
  }
}

function copyButton(label: string, text: () => string): HTMLElement {
  const button = element('button', { type: 'button' }, label);
  button.addEventListener('click', () => {
    const told = (word: string): void => {
      button.textContent = word;
      setTimeout(() => {
        button.textContent = label;
      }, doneMs);
    };
    // Only a page of this machine, or one that came encrypted, has a clipboard.
    const copied = navigator.clipboard?.writeText(text()) ?? Promise.reject();
    copied.then(
      () => told('Copied'),
      () => told('Not allowed'),
    );
  });
  return button;
}
