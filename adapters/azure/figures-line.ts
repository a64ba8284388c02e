import type { Figure } from '../memory/memory-telemetry.ts';

/**
 * Figures as one line of JSON that log queries and alerts read:
 * `{"millrace":"figures","figures":[{"name","labels","value","max"}, …]}`.
 */
export function figuresLine(figures: readonly Figure[]): string {
  const shown = figures.map(({ name, labels, value, max }) => ({ name, labels, value, max }));
  return JSON.stringify({ millrace: 'figures', figures: shown });
}
