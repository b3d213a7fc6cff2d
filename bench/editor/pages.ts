/** The pages that are compared, built as they are shipped and served on loopback. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type OutputFile } from 'esbuild';
import { webviewBundle } from '../../scripts/webview-bundle.mjs';

const TYPES: Record<string, string> = { css: 'text/css', js: 'text/javascript', ttf: 'font/ttf' };

export interface Pages {
  address(name: 'editor' | 'bare'): string;
  /** Minified JavaScript that is read at once, and what is loaded when it is needed, in bytes. */
  sizes: { editor: number; bare: number; later: number };
  close(): void;
}

const byName = (files: readonly OutputFile[]) =>
  new Map(files.map(({ path, contents }): [string, Uint8Array] => [path.slice(path.lastIndexOf('/') + 1), contents]));

async function bundle(entry: string, minify: boolean): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    ...webviewBundle,
    entryPoints: { [entry.includes('bare') ? 'bare' : 'editor']: entry },
    minify,
    legalComments: 'none',
    write: false,
    outdir: '/',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return byName(outputFiles);
}

/** The bytes of an entry and of what it imports at once. */
function atOnce(files: ReadonlyMap<string, Uint8Array>, entry: string, seen = new Set<string>()): number {
  if (seen.has(entry)) return 0;
  seen.add(entry);
  const body = files.get(entry);
  if (!body) return 0;
  const imports = [
    ...Buffer.from(body)
      .toString('utf8')
      .matchAll(/(?:^|[;}])(?:import|export)[^"'();]*["']\.\/([^"']+)["']/g),
  ];
  return body.length + imports.reduce((sum, [, name]) => sum + atOnce(files, name ?? '', seen), 0);
}

export async function servePages({ minify = true } = {}): Promise<Pages> {
  const editor = await bundle('src/webview/main.tsx', minify);
  const bare = await bundle('bench/editor/bare.tsx', minify);
  const { outputFiles } = await build({
    absWorkingDir: join(import.meta.dirname, '..', '..'),
    entryPoints: ['bench/editor/host.ts', 'bench/editor/plan.ts'],
    bundle: true,
    format: 'iife',
    write: false,
    outdir: '/',
  });
  const page = (name: string, scripts: string) =>
    Buffer.from(
      `<!DOCTYPE html><html><head><meta charset="UTF-8"><link rel="stylesheet" href="themes.css"><link rel="stylesheet" href="${name}.css"><style>html,body,#root{height:100%;margin:0}</style></head><body class="vscode-dark"><div id="root"></div>${scripts}<script type="module" src="${name}.js"></script></body></html>`,
    );
  const { readFile } = await import('node:fs/promises');
  const files = new Map<string, Uint8Array>([
    ...bare,
    ...editor,
    ...byName(outputFiles),
    ['themes.css', await readFile(join(import.meta.dirname, '..', '..', 'test', 'webview', 'harness', 'themes.css'))],
    ['editor.html', page('editor', '<script src="host.js"></script>')],
    ['bare.html', page('bare', '')],
  ]);
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    const body = files.get(name);
    if (body) response.writeHead(200, { 'content-type': TYPES[name.split('.').at(-1) ?? ''] ?? 'text/html' }).end(body);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const scripts = [...editor].filter(([name]) => name.endsWith('.js'));
  const all = scripts.reduce((sum, [, body]) => sum + body.length, 0);
  const first = atOnce(editor, 'editor.js');
  return {
    address: (name) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}.html`,
    sizes: { editor: first, bare: atOnce(bare, 'bare.js'), later: all - first },
    close: () => server.close(),
  };
}
