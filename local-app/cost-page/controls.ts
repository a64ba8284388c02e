import { optionOf } from '../../cost/command-line.ts';
import { number } from '../../cost/words.ts';
import { shapes, type Workload } from '../../cost/workload.ts';
import { type Given, readNumber } from './address.ts';
import { element } from './element.ts';
import { type Field, groups, isUsed, type NumberName, nearest, positionsOf } from './fields.ts';

/** What a field without a value stands for. */
export type Unsaid = Readonly<
  Partial<Record<NumberName, { readonly value: number; readonly text: string }>>
>;

interface Control {
  readonly field: Field;
  readonly row: HTMLElement;
  readonly text: HTMLInputElement;
  readonly slider: HTMLInputElement;
}

/** The form: a slider and a text for each number. It tells what is given, and shows a workload. */
export class Controls {
  readonly #controls: readonly Control[];
  readonly #shape: HTMLSelectElement;
  readonly #archive: HTMLInputElement;
  readonly #unsaid: Unsaid;
  readonly #changed: (change: (given: Given) => Given) => void;

  /** @param changed hears of each change, as a function of what was given before. */
  constructor(
    form: HTMLElement,
    unsaid: Unsaid,
    changed: (change: (given: Given) => Given) => void,
  ) {
    this.#unsaid = unsaid;
    this.#changed = changed;
    this.#shape = this.#shapes();
    this.#archive = this.#flag();
    const controls: Control[] = [];
    for (const { title, fields } of groups) {
      const made = fields.map((field) => this.#control(field));
      controls.push(...made);
      const rows = made.map(({ row }) => row);
      if (title === 'Events') rows.splice(1, 0, labelled('Shape', 'shape', this.#shape));
      if (title === 'Answers') rows.push(labelled('Archive all records', 'archive', this.#archive));
      form.append(element('fieldset', {}, element('legend', {}, title), ...rows));
    }
    this.#controls = controls;
    const reset = element('button', { type: 'button', id: 'reset' }, 'Start over');
    reset.addEventListener('click', () => changed(() => ({})));
    form.append(reset);
    form.addEventListener('submit', (event) => event.preventDefault());
  }

  /** Shows a workload; `isWhole` also writes over the text that somebody is at. */
  show(workload: Workload, isWhole: boolean): void {
    this.#shape.value = workload.shape;
    this.#archive.checked = workload.archive;
    for (const { field, row, text, slider } of this.#controls) {
      const { name, unit } = field;
      const unsaid = this.#unsaid[name];
      const value = workload[name] ?? unsaid?.value ?? 0;
      const positions = positionsOf(field, workload.shape);
      slider.max = String(positions.length - 1);
      slider.value = String(nearest(positions, value));
      slider.setAttribute('aria-valuetext', `${number(value)} ${unit}`);
      if (isWhole || document.activeElement !== text) {
        text.value = workload[name] === null ? '' : written(value);
      }
      row.hidden = !isUsed(name, workload);
    }
    this.blame([]);
  }

  /** Marks the fields that problems name. */
  blame(problems: readonly string[]): void {
    for (const { field, row, text } of this.#controls) {
      const isWrong = problems.some((problem) => new RegExp(`\\b${field.name}\\b`).test(problem));
      if (isWrong) row.hidden = false;
      text.setAttribute('aria-invalid', String(isWrong));
    }
  }

  /** Writes texts as they were given, be they right or wrong. */
  write(given: Given): void {
    for (const { field, text } of this.#controls) {
      const value = given[field.name];
      if (value !== undefined) text.value = String(value);
    }
  }

  #control(field: Field): Control {
    const { name, label, unit } = field;
    const text = element('input', {
      ...{ id: name, name, type: 'text', inputmode: 'decimal', spellcheck: 'false' },
      ...{ 'aria-describedby': `${name}-unit problems` },
      placeholder: this.#unsaid[name]?.text ?? '',
    });
    const slider = element('input', {
      ...{ id: `${name}-slider`, type: 'range', min: '0', max: '0', step: '1' },
      'aria-labelledby': `${name}-label`,
    });
    text.addEventListener('input', () => {
      const value = readNumber(text.value);
      this.#changed((given) => (value === '' ? without(given, name) : { ...given, [name]: value }));
    });
    // Who leaves an empty field sees what it stands for.
    text.addEventListener('change', () => this.#changed((given) => given));
    slider.addEventListener('input', () => {
      const positions = positionsOf(field, this.#shape.value as Workload['shape']);
      const value = positions[Number(slider.value)] ?? 0;
      this.#changed((given) => ({ ...given, [name]: value }));
    });
    const unitText = element('span', { id: `${name}-unit`, class: 'unit' }, unit);
    const labelOf = element(
      'label',
      { id: `${name}-label`, for: name, title: optionOf(name) },
      label,
    );
    const row = element('div', { class: 'field' }, labelOf, text, unitText, slider);
    return { field, row, text, slider };
  }

  #shapes(): HTMLSelectElement {
    const options = shapes.map((shape) => element('option', { value: shape }, shape));
    const select = element('select', { id: 'shape', name: 'shape' }, ...options);
    // The peak of one shape may be more than another one has.
    select.addEventListener('change', () => {
      this.#changed((given) => ({ ...without(given, 'peakFactor'), shape: select.value }));
    });
    return select;
  }

  #flag(): HTMLInputElement {
    const box = element('input', { id: 'archive', name: 'archive', type: 'checkbox' });
    box.addEventListener('change', () => {
      this.#changed((given) => ({ ...given, archive: box.checked }));
    });
    return box;
  }
}

function labelled(label: string, id: string, control: HTMLElement): HTMLElement {
  return element('div', { class: 'field choice' }, element('label', { for: id }, label), control);
}

function without(given: Given, name: string): Given {
  return Object.fromEntries(Object.entries(given).filter(([one]) => one !== name));
}

function written(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 20 });
}
