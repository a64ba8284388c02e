import type { Page } from './page.ts';
import { addressedViews, type ServedPipeline } from './views.ts';

/** The page at `/`: what runs here and where to look. */
export function home(pipelines: readonly ServedPipeline[], pages: readonly Page[] = []): string {
  const names = pipelines.map(({ plan }) => plan.name).join(', ');
  const views = addressedViews(pipelines).map(({ address }) => `/v1/views/${address}`);
  const links = ['/v1/views', ...views, '/v1/status', '/openapi.json'];
  const seen = pages.map(({ path, title }) => `<p><a href="${path}">${title}</a></p>\n`).join('');
  // Names of pipelines and views are letters, digits, - and _, so nothing here needs escaping.
  const items = links.map((link) => `<li><a href="${link}">${link}</a></li>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Millrace</title></head>
<body>
<h1>Millrace</h1>
<p>Pipelines: ${names}. Send events with POST /v1/events; ask here:</p>
<ul>
${items}
</ul>
${seen}</body>
</html>
`;
}
