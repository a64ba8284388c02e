/** Windows that must not compile: the type check fails once one of them does. */
import { hopping, session, weeks } from 'millrace';

// @ts-expect-error a hopping window without a slide
hopping({ size: '1h' });
// @ts-expect-error a session without a gap
session({ longest: '1h' });
// @ts-expect-error weeks that start on no day of the week
weeks('Europe/Berlin', { startsOn: 'Monday' });
