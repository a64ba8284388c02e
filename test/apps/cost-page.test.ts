import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { browserModules } from '../../local-app/browser-modules.ts';
import { folderOf } from '../cli/millrace.ts';
import { book, profile } from '../cost/shipped.ts';
import { millrace } from './child.ts';
import { ask, expectProblem, serving } from './serving.ts';

/** The answer to a path as it is written: fetch would tidy it up. */
async function raw(url: string, path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** All that the page loads, found as a browser finds it: by links and imports, from file to file. */
async function loaded(url: string): Promise<Map<string, Awaited<ReturnType<typeof ask>>>> {
  const found = new Map<string, Awaited<ReturnType<typeof ask>>>();
  const left = [`${url}/cost`];
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (found.has(one)) continue;
    const answer = await ask(one);
    found.set(one, answer);
    const links = answer.type.includes('html')
      ? answer.body.matchAll(/(?:href|src)="(cost\/[^"]*)"/g)
      : answer.type.includes('javascript')
        ? answer.body.matchAll(/(?:from |new URL\()'(\.[^']+)'/g)
        : [];
    for (const [, link] of links) left.push(new URL(link as string, one).href);
  }
  return found;
}

describe('the page about costs, as it is served', () => {
  it('has every file that it loads, and in its modules nothing is left of the types', async () => {
    const { url } = await serving();
    const files = await loaded(url);
    const paths = [...files.keys()].map((one) => one.slice(`${url}/cost`.length));
    for (const path of ['', '/page.css', '/icon.svg', '/packages/uplot.js', '/data.json']) {
      expect(paths).toContain(path);
    }
    expect(paths).toContain('/cost/estimate.ts');
    expect(paths).toContain('/local-app/cost-page/worker.ts');
    for (const [one, { status, type, body }] of files) {
      expect([one, status]).toEqual([one, 200]);
      if (!one.endsWith('.ts')) continue;
      expect(type).toBe('text/javascript; charset=utf-8');
      expect(body).not.toMatch(/^(export )?(interface|type) /m);
    }
    expect(files.get(`${url}/cost/data.json`)!.body).toEqual({
      prices: book,
      profile,
      profileFile: null,
    });
  });

  it('gives nothing else of the disk', async () => {
    const { url } = await serving();
    const up = [
      '../package.json',
      '..%2fpackage.json',
      '%2e%2e/package.json',
      '....//package.json',
    ];
    const others = ['package.json', 'cost/prices.json', 'local-app/main.ts', 'core/engine.ts', ''];
    const absolute = ['/etc/passwd', '%2fetc%2fpasswd', 'file:///etc/passwd', '__proto__', '%00'];
    for (const path of [...up, ...others, ...absolute]) {
      const answer = await raw(url, `/cost/${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.body).toContain('not-found');
    }
    expect((await raw(url, '/cost/../cost')).status).not.toBe(500);
    expect((await raw(url, '/costs')).status).toBe(404);
  });

  it('lets a browser load nothing but its own files, and ask again whether they changed', async () => {
    const { url } = await serving();
    const { headers } = await ask(`${url}/cost`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toMatch(/unsafe|data:|http|\*/);
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const etag = headers.get('etag') ?? '';
    const again = await fetch(`${url}/cost`, { headers: { 'if-none-match': `"x", ${etag}` } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    const changed = await fetch(`${url}/cost`, { headers: { 'if-none-match': '"x"' } });
    expect(changed.status).toBe(200);
    // Whatever stands in front may move it: every address in it is relative.
    const { body } = await ask(`${url}/cost`);
    const links = [...body.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link);
    expect(links.filter((link) => /^(\/|\w+:)/.test(link))).toEqual([]);
    expect(body).not.toMatch(/<script>|<style|style=|onclick/);
  });

  it('is read with GET and HEAD alone, and is no operation of the interface', async () => {
    const { url } = await serving();
    const answer = await ask(`${url}/cost`, { method: 'POST' });
    expectProblem(answer, 405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    const head = await fetch(`${url}/cost/page.css`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(JSON.stringify((await ask(`${url}/openapi.json`)).body)).not.toContain('/cost');
    expect((await ask(url)).body).toContain('<a href="/cost">');
  });

  it('needs the token where the server does', async () => {
    const token = 'a-token-of-some-length';
    const { url } = await serving({ token });
    for (const path of ['/cost', '/cost/data.json', '/cost/cost/estimate.ts']) {
      expectProblem(await ask(url + path), 401);
      const headers = { authorization: `Bearer ${token}` };
      expect((await ask(url + path, { headers })).status).toBe(200);
    }
  });

  it('takes a profile of its own, and says nothing on the standard error', async () => {
    const own = { ...profile, pipeline: 'mine' };
    const folder = folderOf({ 'profile.json': JSON.stringify(own), 'wrong.json': '{}' });
    const file = join(folder, 'profile.json');
    const place = ['serve', '--port', '0', '--data', join(folder, 'data')];
    const child = millrace(...place, '--profile', file);
    const { body } = await ask(`${await child.url}/cost/data.json`);
    expect([body.profile, body.profileFile]).toEqual([own, file]);
    expect((await ask(`${await child.url}/cost/cost/estimate.ts`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, stderr: '' });
    const wrong = await millrace(...place, '--profile', join(folder, 'wrong.json')).ended;
    expect(wrong).toEqual({ code: 1, stderr: expect.stringContaining('this is no profile') });
  });
});

describe('modules for a browser', () => {
  const files = {
    'a.ts': "import type { X } from 'x';\nimport { b } from './b.ts';\nexport const a: X = b;\n",
    'b.ts': "import chart from 'chart';\nexport { c } from './c.ts';\nexport const b = chart;\n",
    'c.ts': "import {\n  type D,\n  d,\n} from './d.ts';\nexport const c: D = d;\n",
    'd.ts': 'export type D = 1;\nexport const d: D = 1;\n',
    'e.ts': 'export const unused = 1;\n',
  };

  it('are those that the entry imports, and no others', () => {
    const modules = browserModules(folderOf(files), ['a.ts'], { chart: 'packages/chart.js' });
    expect([...modules.keys()].sort()).toEqual(['a.ts', 'b.ts', 'c.ts', 'd.ts']);
    expect(modules.get('b.ts')).toContain("import chart from 'packages/chart.js'");
    expect(modules.get('a.ts')).not.toContain("'x'");
  });

  it.each(["import 'node:fs';", "import x from 'hono';", "export * from '../out.ts';"])(
    'import nothing else: %s',
    (code) => {
      const folder = folderOf({ 'a.ts': `${code}\n` });
      expect(() => browserModules(folder, ['a.ts'], {})).toThrow(/^a.ts imports /);
    },
  );
});
