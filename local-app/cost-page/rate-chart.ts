import uPlot from 'uplot';
import type { Estimate } from '../../cost/estimate.ts';
import type { Cloud } from '../../cost/price-book.ts';
import { dollars, number, places } from '../../cost/words.ts';
import { element, figure } from './element.ts';
import { type Column, table } from './table.ts';

const height = 300;
const widthMin = 280;

/** Dollars a month over events/s, ours and others', with the figures below it. It stays; its data change. */
export class RateChart {
  readonly element: HTMLElement;
  readonly #place = element('div', { class: 'chart', role: 'img' });
  readonly #figures = element('div');
  #plot: uPlot | null = null;
  #names = '';
  #rate = 0;
  #last: Estimate | null = null;

  constructor(cloud: Cloud) {
    const label = `${places[cloud]}: dollars a month over events/s; the figures stand below.`;
    this.#place.setAttribute('aria-label', label);
    const details = element('details', {}, element('summary', {}, 'The figures'), this.#figures);
    const title = element('h3', {}, places[cloud]);
    this.element = element('div', { id: `rates-${cloud}` }, title, this.#place, details);
    new ResizeObserver(() => this.#fit()).observe(this.#place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      // The marks of the legend take their colors when it is made.
      this.#names = '';
      if (this.#last !== null) this.show(this.#last);
    });
  }

  /** Shows the curves of an estimate. */
  show(estimate: Estimate): void {
    const { curves, rivals, workload } = estimate;
    this.#last = estimate;
    const names = rivals.map(({ name }) => name);
    this.#rate = workload.eventsPerSecond;
    const data: uPlot.AlignedData = [
      curves.points.map(({ eventsPerSecond }) => eventsPerSecond),
      curves.points.map(({ millrace }) => millrace),
      ...names.map((name) => curves.points.map(({ rivals: at }) => at[name] ?? null)),
    ];
    if (this.#plot === null || this.#names !== names.join()) {
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(names), data, this.#place);
      this.#names = names.join();
    } else this.#plot.setData(data);
    this.#rest(this.#plot);
    this.#figures.replaceChildren(figuresOf(names, curves.points));
  }

  #fit(): void {
    this.#plot?.setSize({ width: this.#width(), height });
  }

  #width(): number {
    return Math.max(widthMin, this.#place.clientWidth);
  }

  /** Where nobody points, the legend tells what stands nearest to the workload's own rate. */
  #rest(plot: uPlot): void {
    const rates = plot.data[0] as readonly number[];
    const away = (rate: number): number => Math.abs(Math.log(rate / Math.max(this.#rate, 1e-9)));
    const idx = rates.reduce(
      (best, rate, i) => (away(rate) < away(rates[best] ?? 1) ? i : best),
      0,
    );
    plot.setLegend({ idx }, false);
  }

  #options(names: readonly string[]): uPlot.Options {
    const axis = {
      stroke: () => color('--quiet'),
      grid: { stroke: () => color('--line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    };
    const short = new Intl.NumberFormat('en-US', { notation: 'compact' });
    const marks = (before: string) => (_: uPlot, splits: readonly (number | null)[]) =>
      splits.map((value) => (value === null ? '' : before + short.format(value)));
    const line = (name: string, index: number): uPlot.Series => ({
      label: name,
      stroke: () => color(`--line-${index}`),
      width: index === 0 ? 3 : 1.5,
      points: { show: false },
      spanGaps: false,
      value: (_, value) => (value === null || value === undefined ? '-' : `$${dollars(value)}`),
    });
    return {
      ...{ width: this.#width(), height },
      scales: {
        x: { time: false, distr: 3 },
        y: { distr: 3, range: (_, low, high) => decades(low, high) },
      },
      axes: [
        { ...axis, values: marks('') },
        { ...axis, values: marks('$'), size: 56 },
      ],
      series: [
        { label: 'events/s', value: (_, rate) => (rate === null ? '-' : number(rate)) },
        ...['Millrace', ...names].map(line),
      ],
      cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      hooks: {
        draw: [(plot) => this.#markRate(plot)],
        setCursor: [
          (plot) => {
            if (plot.cursor.idx === null || plot.cursor.idx === undefined) this.#rest(plot);
          },
        ],
      },
    };
  }

  #markRate(plot: uPlot): void {
    const { min, max } = plot.scales['x'] ?? {};
    if (!(this.#rate >= (min ?? 0) && this.#rate <= (max ?? 0))) return;
    const x = plot.valToPos(this.#rate, 'x', true);
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
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Whole decades around what is shown. */
function decades(low: number | null, high: number | null): uPlot.Range.MinMax {
  const floor = 10 ** Math.floor(Math.log10(Math.max(low ?? 1, 0.01)));
  return [floor, Math.max(10 * floor, 10 ** Math.ceil(Math.log10(Math.max(high ?? 10, 0.1))))];
}

type Point = Estimate['curves']['points'][number];

function figuresOf(names: readonly string[], points: readonly Point[]): HTMLElement {
  const money = (value: number | null | undefined): Node | string =>
    value === null || value === undefined ? '-' : figure(value, dollars(value));
  const columns: readonly Column<Point>[] = [
    { head: 'events/s', cell: ({ eventsPerSecond: rate }) => figure(rate, number(rate)) },
    {
      head: 'Partitions',
      cell: (point) => figure(point.partitions, number(point.partitions)),
      right: true,
    },
    { head: 'Millrace', cell: ({ millrace }) => money(millrace), right: true },
    ...names.map((name): Column<Point> => {
      return { head: name, cell: ({ rivals }) => money(rivals[name]), right: true };
    }),
  ];
  return table('Dollars a month', columns, points);
}
