/** What the user allowed and signed in to, in the state of the user: a folder that was cloned cannot bring it along. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';

/** Where Belay keeps what belongs to the user and to no workspace: the same place for editor and terminal. */
export function userStateFolder(): string {
  return join(userInfo().homedir, '.local', 'state', 'belay');
}

/** A file of the user alone, with texts by name. What cannot be read counts as empty. */
export class UserFile {
  readonly #path: string;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param path absolute */
  constructor(path: string) {
    this.#path = path;
  }

  async get(name: string): Promise<string | undefined> {
    return (await this.#read())[name];
  }

  /** `undefined` removes it. */
  set(name: string, value: string | undefined): Promise<void> {
    const turn = this.#turn.then(async () => {
      const { [name]: _before, ...others } = await this.#read();
      const next = value === undefined ? others : { ...others, [name]: value };
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      const temporary = `${this.#path}.${process.pid}.tmp`;
      await writeFile(temporary, JSON.stringify(next, undefined, 1), { mode: 0o600 });
      await rename(temporary, this.#path);
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #read(): Promise<Record<string, string>> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#path, 'utf8'));
      if (typeof value !== 'object' || value === null) return {};
      return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
    } catch {
      return {};
    }
  }
}
