/**
 * Loads the chunks of the built command line with V8's code cache, which is made when a command has ended: it holds the functions that
 * the command used, and the next one need not compile them. What Node offers (`module.enableCompileCache`) is made before anything of a
 * file has run and holds none of them; commands took a tenth longer with it. Runs before the version of Node is looked at.
 */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { Script } from 'node:vm';
import * as zlib from 'node:zlib';
import { EXIT_CODES } from './exit-codes.ts';

/** So many times a command adds the functions that it used and the earlier ones did not. */
const LEARNS = 3;
/** Bytes before the list of parts: its length. */
const LENGTH = 4;

/** What chunks are: a function in parentheses (see esbuild.mjs). Packages, which the extension loads too, are modules as Node knows them. */
const HEAD = '(function (exports, require, module, __dirname) {';
const FOOT = '\n})';
type Chunk = (exports: object, require: NodeJS.Require, module: { exports: object }, __dirname: string) => void;

/** What was kept of one chunk. V8 trusts it, and of the source looks at the length alone. */
interface Part {
  name: string;
  /** Which source it was made from. */
  source: string;
  length: number;
  /** CRC-32 of the code. */
  sum: number;
}

interface Kept {
  /** How many commands have added to it. */
  learned: number;
  parts: Map<string, KeptPart>;
}

interface KeptPart extends Part, Place {}

/** Where a code stands in the file, which stays open: another command may put a new file in its place. */
interface Place {
  opened: number;
  at: number;
  length: number;
}

export class CodeCache {
  readonly #file: string;
  readonly #folder: string;
  readonly #kept: Kept;
  readonly #loaded = new Map<string, { source: string; script: Script }>();
  /** Everything is read into it: memory that is used for the first time takes longer than what is read into it. */
  #room: Buffer = Buffer.allocUnsafeSlow(512 * 1024);
  #lacked = false;

  /** `file`: where the code is kept, of one command; `folder`: of the chunks. */
  constructor(file: string, folder: string) {
    this.#file = file;
    this.#folder = folder;
    this.#kept = this.#readKept();
  }

  /** Throws what reading and compiling the file throws. */
  compile(path: string): Chunk {
    const name = relative(this.#folder, path);
    const { source, text } = this.#read(path);
    const part = this.#kept.parts.get(name);
    const cachedData = part?.source === source ? this.#codeOf(part) : undefined;
    const script = new Script(text.startsWith(HEAD) ? text : `${HEAD}${text}${FOOT}`, {
      filename: path,
      ...(cachedData ? { cachedData } : {}),
    });
    // Rejected: made by another V8, or by this one with other flags.
    if (cachedData === undefined || script.cachedDataRejected) this.#lacked = true;
    this.#loaded.set(name, { source, script });
    return script.runInThisContext() as Chunk;
  }

  /** Keeps what the command used, unless there is nothing to learn. It is a cache: where it cannot be written, nothing is lost. */
  save(): void {
    if (!this.#lacked && this.#kept.learned >= LEARNS) return;
    try {
      const codes: [Pick<Part, 'name' | 'source'>, Buffer][] = [];
      for (const [name, { source, script }] of this.#loaded) codes.push([{ name, source }, script.createCachedData()]);
      for (const [name, part] of this.#kept.parts) {
        const code = this.#loaded.has(name) || !existsSync(join(this.#folder, name)) ? undefined : this.#codeOf(part);
        if (code) codes.push([part, Buffer.from(code)]);
      }
      const parts = codes.map(([{ name, source }, code]): Part => ({ name, source, length: code.length, sum: zlib.crc32(code) }));
      const list = Buffer.from(JSON.stringify({ learned: this.#lacked ? 1 : this.#kept.learned + 1, parts }));
      const length = Buffer.alloc(LENGTH);
      length.writeUInt32LE(list.length);
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      const temporary = `${this.#file}.${process.pid}`;
      writeFileSync(temporary, Buffer.concat([length, list, ...codes.map(([, code]) => code)]), { mode: 0o600 });
      renameSync(temporary, this.#file);
    } catch {}
  }

  #readKept(): Kept {
    const kept: Kept = { learned: 0, parts: new Map() };
    try {
      const opened = openSync(this.#file, 'r');
      const length = this.#readAt({ opened, at: 0, length: LENGTH }).readUInt32LE();
      const list = this.#readAt({ opened, at: LENGTH, length }).toString();
      const { learned, parts } = JSON.parse(list) as { learned: number; parts: Part[] };
      let at = LENGTH + length;
      for (const part of parts) {
        kept.parts.set(part.name, { ...part, opened, at });
        at += part.length;
      }
      kept.learned = learned;
    } catch {}
    return kept;
  }

  /** To be used before anything else is read. Undefined: it is not what was kept. */
  #codeOf(part: KeptPart): Buffer | undefined {
    try {
      const code = this.#readAt(part);
      // An older Node cannot tell.
      return zlib.crc32?.(code) === part.sum ? code : undefined;
    } catch {
      return undefined;
    }
  }

  #read(path: string): { source: string; text: string } {
    const opened = openSync(path, 'r');
    try {
      const { size, mtimeMs } = fstatSync(opened);
      // Built files are ASCII.
      return { source: `${size} ${mtimeMs}`, text: this.#readAt({ opened, at: 0, length: size }).toString('latin1') };
    } finally {
      closeSync(opened);
    }
  }

  /** To be used before the next is read. Throws where the file is not that long. */
  #readAt({ opened, at, length }: Place): Buffer {
    if (at + length > fstatSync(opened).size) throw new Error(`There are no ${length} bytes at ${at}`);
    if (this.#room.length < length) this.#room = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length; ) {
      const more = readSync(opened, this.#room, done, length - done, at + done);
      if (more === 0) throw new Error(`The file ends after ${at + done} bytes`);
      done += more;
    }
    return this.#room.subarray(0, length);
  }
}

/** The `require` of the command line: chunks come by `cache`, everything else by Node. */
export function cachedRequire(nodeRequire: NodeJS.Require, cache: CodeCache, folder: string): NodeJS.Require {
  const modules = new Map<string, { exports: object }>();
  const requireFrom = (from: string): NodeJS.Require => {
    const load = (id: string): unknown => {
      const path = id.startsWith('./') || isAbsolute(id) ? resolve(from, id) : undefined;
      if (path === undefined || dirname(path) !== folder) return nodeRequire(id);
      const known = modules.get(path);
      if (known) return known.exports;
      const module = { exports: {} };
      const run = cache.compile(path);
      modules.set(path, module);
      try {
        run(module.exports, within, module, folder);
      } catch (error) {
        modules.delete(path);
        throw error;
      }
      return module.exports;
    };
    return Object.assign(load, nodeRequire);
  };
  const within = requireFrom(folder);
  return requireFrom(dirname(folder));
}

/** What the built command line begins with (see esbuild.mjs). `root`: where it stands; `version`: of Belay, whose chunks may be of the same size and time. */
export function startWithCodeCache(nodeRequire: NodeJS.Require, root: string, version: string): NodeJS.Require {
  // In the user's own folder: code that somebody else could have put there is not run.
  const home = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  // Several Belays of one user would otherwise throw each other's code away all the time.
  const place = `${root.replace(/\W+/g, '-').slice(-100)}-${version}-${process.version}-${process.arch}`;
  const command = process.argv[2] ?? '';
  const folder = join(root, 'chunks');
  const cache = new CodeCache(join(home, 'belay', 'code', place, /^[a-z]{1,12}$/.test(command) ? command : 'belay'), folder);
  process.once('exit', (code) => {
    // There may be no such command.
    if (code !== EXIT_CODES.usage.code) cache.save();
  });
  return cachedRequire(nodeRequire, cache, folder);
}
