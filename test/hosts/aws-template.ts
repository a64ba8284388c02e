import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate, type TemplateJson } from '../../infra/aws/evaluate.ts';

/** What a resource of the template is made with, by its id. */
export type Deployed = (id: string) => Readonly<Record<string, unknown>>;

const path = join(import.meta.dirname, '../../infra/aws/template.json');
/** What has no default, and no meaning where nothing is uploaded. */
const code = { codeBucket: 'code', codeKey: 'key' };

/** The template as it is deployed with these parameters: what runs here is set up as it is in the cloud. */
export function deployed(parameters: Readonly<Record<string, string>> = {}): Deployed {
  const template: TemplateJson = JSON.parse(readFileSync(path, 'utf8'));
  const given = { stack: 'millrace', parameters: { ...code, ...parameters } };
  const all = new Map(evaluate(template, given).map(({ id, Properties }) => [id, Properties]));
  return (id) => {
    const properties = all.get(id);
    if (properties === undefined) throw new Error(`The template has no ${id}.`);
    return properties;
  };
}
