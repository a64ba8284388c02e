/** Windows that must not compile: the type check fails once one of them does. */
import { hopping, session, tumbling, weeks } from 'millrace';
import type { On } from '../../../core/pipeline.ts';

// @ts-expect-error a hopping window without a slide
hopping({ size: '1h' });
// @ts-expect-error a session without a gap
session({ longest: '1h' });
// @ts-expect-error weeks that start on no day of the week
weeks('Europe/Berlin', { startsOn: 'Monday' });

declare const on: On<{ readonly who: string }>;
const measures = { c: on.count() };

// Those of tumbling windows are right.
on.view({ key: ['who'], window: tumbling('1m'), measures, rollups: [{ size: '1h' }] });
// @ts-expect-error rollups of hopping windows
on.view({ key: ['who'], window: hopping({ size: '1h', slide: '5m' }), measures, rollups: [] });
// @ts-expect-error a rollup without a size
on.view({ key: ['who'], window: tumbling('1m'), measures, rollups: [{ retain: '1h' }] });
// @ts-expect-error a rollup whose size is no duration
on.view({ key: ['who'], window: tumbling('1m'), measures, rollups: [{ size: 'hourly' }] });
