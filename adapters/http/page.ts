import type { Context } from 'hono';

/** A file as it is sent. */
export interface PageFile {
  /** Its media type. */
  readonly type: string;
  readonly body: string;
  /** Changes with the body; in quotes, as the header has it. */
  readonly etag: string;
}

/** A page for people, and all that it loads. */
export interface Page {
  /** `/cost`. */
  readonly path: string;
  /** What the home page calls it. */
  readonly title: string;
  /** By the path below the page's, `/page.css`; the page itself is the empty path. There is no other file. */
  readonly files: () => ReadonlyMap<string, PageFile>;
}

/** A page runs its own modules, loads its own files and does nothing else: no inline script, no other host. */
const headers = {
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "worker-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
};

/** The file of a page that a request asks for; null where there is none of that name. */
export function fileOf({ path, files }: Page, { req }: Context): Response | null {
  const file = files().get(req.path.slice(path.length));
  if (file === undefined) return null;
  const known = req.header('if-none-match')?.split(/\s*,\s*/) ?? [];
  if (known.includes(file.etag)) {
    return new Response(null, { status: 304, headers: { ...headers, etag: file.etag } });
  }
  const type = { 'content-type': file.type };
  return new Response(file.body, { headers: { ...headers, ...type, etag: file.etag } });
}
