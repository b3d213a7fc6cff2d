/** The texts that the language service works with: of open documents as they stand, of all others from the disk. */
import * as path from 'node:path';
import { agentFaults } from '../../engine/agents/check.ts';
import { FlowText } from '../../engine/format/language/flow-text.ts';
import { usesOf } from '../../engine/format/language/occurrences.ts';
import type { LintFiles } from '../../engine/format/reading.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { readBeside } from '../../providers/files/beside.ts';
import { findRoot } from '../../providers/journal/root.ts';
import type { KnownFiles } from './language-protocol.ts';

/** Parsed flows are kept for so many files. */
const MOST_KEPT = 50;

export class FlowFiles {
  known: KnownFiles = { flows: [], prompts: [], agents: [] };
  #folders: readonly string[] = [];
  readonly #open = new Map<string, string>();
  readonly #flows = new Map<string, { text: string; generation: number; flow: FlowText | undefined }>();
  /** Which files each flow names. */
  readonly #uses = new Map<string, { text: string; files: ReadonlySet<string> }>();
  /** Flows read others and prompt files: what was read is good until any text has changed. */
  #generation = 0;

  setFolders(folders: readonly string[]): void {
    this.#folders = folders;
    this.stale();
  }

  setKnown(files: KnownFiles): void {
    this.known = files;
    this.stale();
  }

  setText(file: string, text: string | undefined): void {
    if (this.#open.get(file) === text) return;
    if (text === undefined) this.#open.delete(file);
    else this.#open.set(file, text);
    this.stale();
  }

  stale(): void {
    this.#generation += 1;
  }

  /** What confines the files that a flow names: its workspace folder, else its own. */
  rootOf(file: string): string {
    const holds = this.#folders.filter((folder) => file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep));
    return holds.toSorted((a, b) => b.length - a.length)[0] ?? path.dirname(file);
  }

  text(file: string): string | undefined {
    return this.#open.get(file) ?? readBeside(this.rootOf(file), path.dirname(file), path.basename(file));
  }

  beside(file: string): LintFiles {
    const folder = path.dirname(file);
    const root = this.rootOf(file);
    return {
      self: path.basename(file),
      agent: (name) => agentFaults(name, { read: (it) => this.#below(findRoot(folder, root, root), it) }),
      readPrompt: (name) => {
        const full = path.resolve(folder, name);
        const open = full.startsWith(root + path.sep) ? this.#open.get(full) : undefined;
        return open ?? readBeside(root, folder, name);
      },
    };
  }

  /** Where runs look for agents: not always the workspace folder. */
  #below(root: string, name: string): string | undefined {
    return this.#open.get(path.resolve(root, name)) ?? readBeside(root, root, name);
  }

  flow(file: string): FlowText | undefined {
    const text = this.text(file);
    if (text === undefined) return undefined;
    const known = this.#flows.get(file);
    if (known?.text === text && known.generation === this.#generation) return known.flow;
    const flow = FlowText.read(text, catalog, this.beside(file));
    this.#flows.delete(file);
    this.#flows.set(file, { text, generation: this.#generation, flow });
    const [oldest] = this.#flows.keys();
    if (this.#flows.size > MOST_KEPT && oldest !== undefined) this.#flows.delete(oldest);
    return flow;
  }

  /** The flows that name a prompt file or a sub-flow, in the order of their names. */
  flowsUsing(target: string): string[] {
    const name = path.basename(target);
    return this.known.flows
      .filter((file) => {
        const text = this.text(file);
        if (text === undefined) return false;
        const known = this.#uses.get(file);
        if (known?.text === text) return known.files.has(target);
        // A path may be written with escapes, though nobody does.
        if (!text.includes(name) && !text.includes('\\u')) return false;
        const flow = this.flow(file);
        const files = new Set(
          flow
            ? usesOf(flow)
                .filter(({ is }) => is !== 'agent')
                .map((use) => path.resolve(path.dirname(file), use.name))
            : [],
        );
        this.#uses.set(file, { text, files });
        return files.has(target);
      })
      .toSorted();
  }
}

/** A path as flows write it. */
export function slashed(name: string): string {
  return name.split(path.sep).join('/');
}
