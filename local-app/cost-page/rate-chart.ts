import uPlot from 'uplot';
import type { RatePoint } from '../../cost/break-even.ts';
import type { Estimate } from '../../cost/estimate.ts';
import type { Cloud } from '../../cost/price-book.ts';
import { dollars, number, places } from '../../cost/words.ts';
import { designsTable, swatch } from './designs.ts';
import { element, figure } from './element.ts';
import { type Column, table } from './table.ts';

const height = 270;
const widthMin = 280;

/** Dollars a month over events/s with each design, and what they are at the workload's own rate. */
export class RateChart {
  readonly element: HTMLElement;
  readonly #place = element('div', { class: 'chart', role: 'img' });
  readonly #readout = element('div', { class: 'readout', hidden: '' });
  readonly #designs = element('div');
  readonly #figures = element('details', {}, element('summary', {}, 'The curves as figures'));
  #plot: uPlot | null = null;
  #estimate: Estimate | null = null;

  constructor(cloud: Cloud) {
    const label = `${places[cloud]}: dollars a month over events/s; the figures stand below.`;
    this.#place.setAttribute('aria-label', label);
    this.#figures.addEventListener('toggle', () => this.#showFigures());
    const title = element('h3', {}, places[cloud]);
    this.element = element('div', {}, title, this.#place, this.#designs, this.#figures);
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#plot?.redraw();
    });
  }

  /** Shows the curves of an estimate. */
  show(estimate: Estimate): void {
    const { curves, rivals } = estimate;
    const names = rivals.map(({ name }) => name);
    this.#estimate = estimate;
    const data: uPlot.AlignedData = [
      curves.points.map(({ eventsPerSecond }) => eventsPerSecond),
      curves.points.map(({ millrace }) => millrace),
      ...names.map((name) => curves.points.map((point) => point.rivals[name] ?? null)),
    ];
    // The designs of a cloud are always the same.
    if (this.#plot === null) {
      this.#plot = new uPlot(this.#options(names), data, this.#place);
      this.#plot.over.append(this.#readout);
    } else this.#plot.setData(data);
    this.#designs.replaceChildren(designsTable(estimate));
    this.#showFigures();
  }

  /** They are many, so they are written only where they are looked at. */
  #showFigures(): void {
    if (!this.#figures.open || this.#estimate === null) return;
    const [summary] = this.#figures.children;
    this.#figures.replaceChildren(summary as Node, figuresOf(this.#estimate));
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(widthMin, this.#place.clientWidth), height };
  }

  #options(names: readonly string[]): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: () => color('--quiet'),
      grid: { stroke: () => color('--line'), width: 1, filter: wholeDecades },
      ticks: { show: false },
      filter: wholeDecades,
      font: '12px system-ui, sans-serif',
    };
    const short = new Intl.NumberFormat('en-US', { notation: 'compact' });
    const marks = (before: string) => (_: uPlot, splits: readonly (number | null)[]) =>
      splits.map((value) => (value === null ? '' : before + short.format(value)));
    const line = (label: string, index: number): uPlot.Series => ({
      ...{ label, stroke: () => color(`--line-${index}`), width: index === 0 ? 3 : 1.75 },
      points: { show: false },
    });
    return {
      ...this.#size(),
      legend: { show: false },
      scales: {
        x: { time: false, distr: 3, range: (_, low, high) => [low, high] },
        y: { distr: 3, range: (_, low, high) => decadesAround(low, high) },
      },
      axes: [
        { ...axis, values: marks(''), size: 30 },
        { ...axis, values: marks('$'), size: 56 },
      ],
      series: [{}, ...['Millrace', ...names].map(line)],
      cursor: { drag: { x: false, y: false }, points: { size: 7 }, y: false },
      hooks: {
        draw: [(plot) => this.#markRate(plot)],
        setCursor: [(plot) => this.#read(plot)],
      },
    };
  }

  /** A dashed line at the workload's own rate. */
  #markRate(plot: uPlot): void {
    const rate = this.#estimate?.workload.eventsPerSecond ?? 0;
    const { min, max } = plot.scales['x'] ?? {};
    if (!(rate >= (min ?? 0) && rate <= (max ?? 0))) return;
    const x = plot.valToPos(rate, 'x', true);
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = color('--ink');
    ctx.lineWidth = uPlot.pxRatio;
    ctx.setLineDash([4 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  /** What stands where somebody points. */
  #read({ cursor, over }: uPlot): void {
    const { idx, left = 0 } = cursor;
    const point = this.#estimate?.curves.points[idx ?? -1];
    this.#readout.hidden = point === undefined;
    if (point === undefined) return;
    const { eventsPerSecond, partitions, millrace, rivals } = point;
    const rows = [['Millrace', millrace] as const, ...Object.entries(rivals)].map(
      ([name, value], index) =>
        element('div', {}, swatch(index), element('span', {}, name), money(value)),
    );
    const at = `${number(eventsPerSecond)} events/s, ${number(partitions)} partitions`;
    this.#readout.replaceChildren(element('b', {}, at), ...rows);
    const isRight = left > over.clientWidth / 2;
    this.#readout.style.left = isRight ? 'auto' : `${left + 12}px`;
    this.#readout.style.right = isRight ? `${over.clientWidth - left + 12}px` : 'auto';
  }
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function wholeDecades(_: uPlot, splits: readonly number[]): (number | null)[] {
  return splits.map((value) => (Math.abs(Math.log10(value) % 1) < 1e-9 ? value : null));
}

function decadesAround(low: number | null, high: number | null): uPlot.Range.MinMax {
  const floor = 10 ** Math.floor(Math.log10(Math.max(low ?? 1, 0.01)));
  return [floor, Math.max(10 * floor, 10 ** Math.ceil(Math.log10(Math.max(high ?? 10, 0.1))))];
}

function money(value: number | null | undefined): HTMLElement {
  return value === null || value === undefined
    ? element('span', {}, '-')
    : figure(value, dollars(value));
}

function figuresOf({ curves, rivals: designs }: Estimate): HTMLElement {
  const columns: readonly Column<RatePoint>[] = [
    { head: 'events/s', cell: ({ eventsPerSecond: rate }) => figure(rate, number(rate)) },
    {
      head: 'Partitions',
      cell: ({ partitions }) => figure(partitions, number(partitions)),
      right: true,
    },
    { head: 'Millrace', cell: ({ millrace }) => money(millrace), right: true },
    ...designs.map(({ name }): Column<RatePoint> => {
      return { head: name, cell: ({ rivals }) => money(rivals[name]), right: true };
    }),
  ];
  return table('Dollars a month', columns, curves.points);
}
