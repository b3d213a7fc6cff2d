/** The peers: installed in this folder only, each in processes of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { whatIsMissing } from '../scripts/lib/dependencies.mjs';
import type { Peer } from './work.ts';

const folder = import.meta.dirname;
const script = join(folder, 'peers', 'host.mjs');

/** Which package's version stands for a peer. */
const PACKAGES: { readonly [P in Peer]: string } = {
  langgraph: '@langchain/langgraph',
  'langgraph-sqlite': '@langchain/langgraph-checkpoint-sqlite',
  mastra: '@mastra/core',
  'mastra-libsql': '@mastra/libsql',
  rivet: '@ironclad/rivet-node',
  'node-red': '@node-red/runtime',
};

export class PeerHost {
  #sqliteNode: string | undefined;

  /** Puts there what package-lock.json says. A peer that cannot be installed shows up as failed; the others are measured all the same. */
  install(): void {
    const why = whatIsMissing(folder);
    if (why === undefined) return;
    console.error(`bench: installing the peers into bench/node_modules (${why}); about 500 MB, a few minutes`);
    const { status } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', process.stderr, process.stderr],
      shell: process.platform === 'win32',
    });
    if (status !== 0) console.error('bench: npm could not install all of them; those that are missing are shown as failed');
  }

  /** How a process of the peer is started. */
  command(peer: Peer): { node: string; script: string } {
    return { node: peer === 'langgraph-sqlite' ? this.#nodeForSqlite() : process.execPath, script };
  }

  version(peer: Peer): string | undefined {
    const file = join(folder, 'node_modules', PACKAGES[peer], 'package.json');
    if (!existsSync(file)) return undefined;
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: string };
    return version;
  }

  /** Said beside the results: a peer that runs on another Node than the rest. */
  note(peer: Peer): string | undefined {
    const { node } = this.command(peer);
    if (node === process.execPath) return undefined;
    return `on Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}, for which its native module was built`;
  }

  /** better-sqlite3 is a native module: where it was built for another Node of the path, that one runs it. */
  #nodeForSqlite(): string {
    if (this.#sqliteNode !== undefined) return this.#sqliteNode;
    const probe = `new (require(${JSON.stringify(join(folder, 'node_modules', 'better-sqlite3'))}))(':memory:')`;
    const onPath = (process.env.PATH ?? '').split(delimiter).map((place) => join(place, 'node'));
    const fit = [process.execPath, ...onPath.filter((node) => existsSync(node))].find(
      (node) => spawnSync(node, ['-e', probe], { stdio: 'ignore' }).status === 0,
    );
    this.#sqliteNode = fit ?? process.execPath;
    return this.#sqliteNode;
  }
}
