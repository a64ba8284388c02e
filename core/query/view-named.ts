import { MillraceError } from '../errors.ts';
import type { Plan, ViewPlan } from '../plan.ts';

/** The view of a name. @throws MillraceError `request` where the pipeline has none. */
export function viewNamed({ views }: Plan, name: string): ViewPlan {
  const view = views.find((one) => one.name === name);
  if (view !== undefined) return view;
  const there = views.map((one) => one.name).join(', ');
  const text = `there is no view '${name}'; there are ${there}`;
  throw new MillraceError('request', text, { problems: [text] });
}
