import { eventTimeMax, timeMin } from '../event.ts';
import { readCursor } from '../finals/cursor.ts';
import { readPartitions } from '../journal/partitions.ts';
import type { PageContext } from '../view/page.ts';
import { hidden } from './hidden.ts';
import { instant } from './standing.ts';

/**
 * How far the publication of a view is, event times as RFC 3339: null before anything is final, the last millisecond of
 * the year 9999 once the stream has ended.
 */
export interface Published {
  readonly view: string;
  /** The name of its sink. */
  readonly to: string;
  /** Up to when rows are final. */
  readonly finalTo: string | null;
  /** Up to when all of those have been sent. */
  readonly sentTo: string | null;
}

/** How far the views are that are published. */
export async function publishedBy(context: PageContext): Promise<Published[]> {
  const views = context.plan.views.flatMap(({ name, publish }) =>
    publish === null ? [] : [{ view: name, to: publish.to }],
  );
  if (views.length === 0) return [];
  const cursors = await Promise.all(
    views.map(({ view }) => readCursor(context, view).catch(hidden)),
  );
  // Last: what has been sent was final before.
  const finalTo = upTo((await readPartitions(context))?.finalTo);
  return views.map((one, i) => {
    return { ...one, finalTo, sentTo: upTo(cursors[i]?.cursor.finalTo) };
  });
}

function upTo(finalTo: number = timeMin): string | null {
  return instant(Math.min(finalTo, eventTimeMax));
}
