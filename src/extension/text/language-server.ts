/** The language service of a window: texts, files and questions about them. Runs in a worker; knows no VS Code. */
import * as path from 'node:path';
import { BUILT_IN_AGENTS } from '../../engine/agents/built-in.ts';
import { planEdits } from '../../engine/format/edits.ts';
import { planExtract } from '../../engine/format/extract.ts';
import { differenceOf, fixAll } from '../../engine/format/fix.ts';
import type { TextEdit } from '../../engine/format/flow-edit.ts';
import { locateNode } from '../../engine/format/graph.ts';
import { lineIndex, placeOfKey } from '../../engine/format/json-tree.ts';
import { completionsAt, completionsInPrompt } from '../../engine/format/language/complete.ts';
import type { FlowText } from '../../engine/format/language/flow-text.ts';
import { formatFlow } from '../../engine/format/language/format.ts';
import { hoverOf } from '../../engine/format/language/hover.ts';
import { mendNames } from '../../engine/format/language/moves.ts';
import {
  declarationOf,
  occurrencesOfCase,
  occurrencesOfInput,
  occurrencesOfNode,
  rangeOfUse,
  usesOf,
} from '../../engine/format/language/occurrences.ts';
import { type Renameable, rename, renameable, renamedInCaller } from '../../engine/format/language/rename.ts';
import { type FlowSymbol, symbolsOf } from '../../engine/format/language/symbols.ts';
import { type Thing, thingAt, thingInPrompt } from '../../engine/format/language/things.ts';
import { type Judgement, judgeFlow } from '../../engine/format/lint.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { scanReferences } from '../../engine/format/references.ts';
import type { TextRange } from '../../engine/format/string-offsets.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import type { Completed } from '../../webview/protocol/ask.ts';
import { checkDraft, completeDraft, textIn } from './drafts.ts';
import { FlowFiles, slashed } from './flow-files.ts';
import type {
  CheckedDraft,
  FileEdits,
  FileSpan,
  Known,
  LanguageMethods,
  PlacedSymbol,
  Planned,
  PlannedExtraction,
  Span,
  SpanEdit,
} from './language-protocol.ts';
import { spanOf } from './language-protocol.ts';

/** A thing, the flow that gives it its meaning, and the file it stands in. */
interface Found {
  thing: Thing;
  flow: FlowText;
  flowFile: string;
}

const UNREADABLE = { ok: false, message: 'The flow cannot be read. Open it again.' } as const;
const NOT_RENAMED = 'Only nodes, inputs and cases of branches that are declared in the flow can be renamed here.';

export class LanguageServer implements LanguageMethods {
  readonly files = new FlowFiles();

  check({ file }: { file: string }): Judgement {
    const text = this.files.text(file);
    return text === undefined ? { problems: [], untrusted: [] } : this.#judge(file, text);
  }

  fixAll({ file }: { file: string }): SpanEdit[] {
    const text = this.files.text(file);
    if (text === undefined) return [];
    const fixed = fixAll(text, (it) => this.#judge(file, it).problems, { catalog, scan: scanReferences });
    return spanEdits(text, differenceOf(text, fixed.text));
  }

  plan({ file, edits }: Parameters<LanguageMethods['plan']>[0]): Planned {
    const text = this.files.text(file);
    if (text === undefined) return UNREADABLE;
    const plan = planEdits(text, edits, { catalog, scan: scanReferences });
    if (!plan.ok) return refused(plan.problem);
    return { ok: true, edits: spanEdits(text, plan.edits), said: plan.said };
  }

  extract({ file, nodes, as, title }: Parameters<LanguageMethods['extract']>[0]): PlannedExtraction {
    const text = this.files.text(file);
    if (text === undefined) return UNREADABLE;
    const { readPrompt } = this.files.beside(file);
    const plan = planExtract(text, { nodes, file: as, title }, { catalog, readPrompt });
    if (!plan.ok) return refused(plan.problem);
    const { content, id, said } = plan;
    return { ok: true, edits: spanEdits(text, plan.edits), said, content, id };
  }

  isEmpty({ file }: { file: string }): boolean {
    const text = this.files.text(file);
    if (text === undefined) return false;
    const { flow, problems } = parseFlow(text, catalog);
    return flow ? Object.keys(flow.nodes).length === 0 : problems[0]?.code === 'DOC_EMPTY';
  }

  placeOf({ file, node }: Parameters<LanguageMethods['placeOf']>[0]): Span | undefined {
    const text = this.files.text(file);
    if (text === undefined) return undefined;
    const { flow, tree } = parseFlow(text, catalog);
    const found = flow && locateNode(flow, node);
    const place = found && tree && placeOfKey(tree, found.path);
    return place && spanOf(place);
  }

  complete({ file, offset, known }: { file: string; offset: number; known: Known }): ReturnType<LanguageMethods['complete']> {
    const text = this.files.text(file);
    if (text === undefined) return [];
    const spans = spansIn(text);
    const found = isFlowFile(file) ? this.#completeFlow(file, offset, known) : this.#completePrompt(file, text, offset);
    return found.map(({ replace, ...item }) => ({ ...item, span: spans(replace) }));
  }

  checkDraft({ file, draft }: Parameters<LanguageMethods['checkDraft']>[0]): CheckedDraft {
    const text = this.files.text(file);
    return text === undefined ? { problems: [] } : checkDraft(draft, { text, files: this.files.beside(file) });
  }

  completeDraft({ file, draft, offset }: Parameters<LanguageMethods['completeDraft']>[0]): Completed[] {
    const text = this.files.text(file);
    return text === undefined ? [] : completeDraft(draft, offset, { text, files: this.files.beside(file) });
  }

  textIn({ file, node, path: at }: Parameters<LanguageMethods['textIn']>[0]): string | undefined {
    const text = this.files.text(file);
    return text === undefined ? undefined : textIn(text, node, at);
  }

  hover({ file, offset }: { file: string; offset: number }): ReturnType<LanguageMethods['hover']> {
    const found = this.#thing(file, offset);
    if (!found) return undefined;
    const { thing, flow, flowFile } = found;
    const spans = spansIn(this.files.text(file) ?? '');
    if (thing.is === 'agent' || thing.is === 'model') return { span: spans(thing.range), is: thing.is, name: thing.name };
    const hover = hoverOf(flow, thing);
    if (!hover) return undefined;
    const { range, ...rest } = hover;
    return { ...rest, span: spans(range), flow: flowFile };
  }

  definition({ file, offset }: { file: string; offset: number }): FileSpan[] {
    const found = this.#thing(file, offset);
    if (!found) return [];
    const { thing, flow, flowFile } = found;
    const named = this.#namedFile(thing, flowFile);
    if (named !== undefined) return [{ file: named, span: START }];
    const range = declarationOf(flow, thing);
    return range ? [{ file: flowFile, span: spansIn(flow.text)(range) }] : [];
  }

  references({ file, offset, declaration }: { file: string; offset: number; declaration: boolean }): FileSpan[] {
    const found = this.#thing(file, offset);
    // A prompt file, seen from inside, is what its flows name.
    if (!found) return isFlowFile(file) ? [] : this.#usesOfFile(file);
    const { thing, flow, flowFile } = found;
    const own = declaration ? declarationOf(flow, thing) : undefined;
    const spans = spansIn(flow.text);
    const declared = own ? [{ file: flowFile, span: spans(own) }] : [];
    if (thing.is === 'node' || thing.is === 'input' || thing.is === 'outlet') {
      const named =
        thing.is === 'node'
          ? occurrencesOfNode(flow, thing.id).named
          : thing.is === 'input'
            ? occurrencesOfInput(flow, thing.name)
            : occurrencesOfCase(flow, thing.source, thing.outlet).named;
      return [...declared, ...named.map(({ range, file: name }) => this.#spanAt(flow, flowFile, name, range))];
    }
    if (thing.is === 'agent') return this.#usesIn((use) => use.is === 'agent' && use.name === thing.name);
    const target = this.#namedFile(thing, flowFile);
    return target === undefined ? declared : this.#usesOfFile(target);
  }

  renamed({ file, offset }: { file: string; offset: number }): ReturnType<LanguageMethods['renamed']> {
    const found = this.#renameable(file, offset);
    if (!found) return { ok: false, message: NOT_RENAMED };
    return { ok: true, span: spansIn(this.files.text(file) ?? '')(found.what.range), name: found.what.name };
  }

  rename({ file, offset, to }: { file: string; offset: number; to: string }): ReturnType<LanguageMethods['rename']> {
    const found = this.#renameable(file, offset);
    if (!found) return { ok: false, message: NOT_RENAMED };
    return this.#renaming(found.flow, found.flowFile, found.what, to);
  }

  renameElsewhere({ file, is, name, to }: Parameters<LanguageMethods['renameElsewhere']>[0]): ReturnType<LanguageMethods['rename']> {
    const flow = this.files.flow(file);
    if (!flow) return { ok: true, edits: [] };
    const renaming = this.#renaming(flow, file, { is, name, range: { offset: 0, length: 0 } }, to);
    return renaming.ok ? { ok: true, edits: renaming.edits.filter((it) => it.file !== file) } : renaming;
  }

  #renaming(flow: FlowText, flowFile: string, what: Renameable, to: string): ReturnType<LanguageMethods['rename']> {
    const others = (name: string) =>
      this.files
        .flowsUsing(path.resolve(path.dirname(flowFile), name))
        .filter((it) => it !== flowFile)
        .map((it) => slashed(path.relative(this.files.rootOf(flowFile), it)));
    const renaming = rename(flow, what, to, others);
    if (!renaming.ok) return renaming;
    const inFiles = renaming.files.flatMap(({ file: name, edits }): FileEdits[] => {
      const full = path.resolve(path.dirname(flowFile), name);
      const text = this.files.text(full);
      return text === undefined ? [] : [{ file: full, edits: spanEdits(text, edits) }];
    });
    const inCallers = what.is === 'input' ? this.#callers(flowFile, what.name, to) : [];
    return { ok: true, edits: [{ file: flowFile, edits: spanEdits(flow.text, renaming.edits) }, ...inFiles, ...inCallers] };
  }

  #renameable(file: string, offset: number): (Found & { what: Renameable }) | undefined {
    const found = this.#thing(file, offset);
    const what = found && renameable(found.flow, found.thing);
    return found && what && { ...found, what };
  }

  /** What the flows that call this one have to change when an input is renamed. */
  #callers(flowFile: string, name: string, to: string): FileEdits[] {
    return this.files.flowsUsing(flowFile).flatMap((file): FileEdits[] => {
      const caller = this.files.flow(file);
      const isCalled = (written: string) => path.resolve(path.dirname(file), written) === flowFile;
      const edits = caller && file !== flowFile ? renamedInCaller(caller, name, to, isCalled) : [];
      return caller && edits.length > 0 ? [{ file, edits: spanEdits(caller.text, edits) }] : [];
    });
  }

  symbols({ file }: { file: string }): PlacedSymbol[] {
    const flow = this.files.flow(file);
    if (!flow) return [];
    const spans = spansIn(flow.text);
    const placed = ({ range, nameRange, children, ...rest }: FlowSymbol): PlacedSymbol => ({
      ...rest,
      span: spans(range),
      nameSpan: spans(nameRange),
      children: children.map(placed),
    });
    return symbolsOf(flow).map(placed);
  }

  format({ file, unit, from, to }: Parameters<LanguageMethods['format']>[0]): SpanEdit[] {
    const text = this.files.text(file);
    if (text === undefined) return [];
    const within = from === undefined || to === undefined ? undefined : { offset: from, length: to - from };
    return spanEdits(text, formatFlow(text, { unit }, within));
  }

  move({ moves }: Parameters<LanguageMethods['move']>[0]): FileEdits[] {
    const moved = (file: string): string | undefined => {
      for (const { from, to } of moves) {
        if (file === from) return to;
        if (file.startsWith(from + path.sep)) return to + file.slice(from.length);
      }
      return undefined;
    };
    const agents = new Map(
      this.files.known.agents.flatMap((file) => {
        const to = moved(file);
        return to === undefined || !to.endsWith(AGENT) ? [] : [[agentName(file), agentName(to)]];
      }),
    );
    return this.files.known.flows.flatMap((file): FileEdits[] => {
      const flow = this.files.flow(file);
      if (!flow) return [];
      const root = this.files.rootOf(file);
      const below = (it: string) => slashed(path.relative(root, it));
      const edits = mendNames(flow, below(file), below(moved(file) ?? file), {
        file: (it) => {
          const to = moved(path.resolve(root, it));
          return to === undefined ? undefined : below(to);
        },
        agent: (name) => agents.get(name),
      });
      return edits.length === 0 ? [] : [{ file, edits: spanEdits(flow.text, edits) }];
    });
  }

  #judge(file: string, text: string): Judgement {
    const parsed = parseFlow(text, catalog);
    const judged = judgeFlow(parsed, catalog, this.files.beside(file));
    return { ...judged, problems: [...parsed.problems, ...judged.problems] };
  }

  #completeFlow(file: string, offset: number, known: Known) {
    const flow = this.files.flow(file);
    if (!flow) return [];
    const { flows, prompts, agents } = this.files.known;
    const folder = path.dirname(file);
    const named = (files: readonly string[]) => files.filter((it) => it !== file).map((it) => slashed(path.relative(folder, it)));
    return completionsAt(flow, offset, {
      ...known,
      flows: named(flows),
      prompts: named(prompts),
      agents: [...new Set([...agents.map(agentName), ...BUILT_IN_AGENTS])],
    });
  }

  #completePrompt(file: string, text: string, offset: number) {
    return completionsInPrompt(path.basename(file), text, offset, this.#standpoints(file));
  }

  /** The nodes that name a prompt file. */
  #standpoints(file: string) {
    return this.files.flowsUsing(file).flatMap((flowFile) => {
      const flow = this.files.flow(flowFile);
      if (!flow) return [];
      return usesOf(flow)
        .filter(({ is, name }) => is === 'prompt' && path.resolve(path.dirname(flowFile), name) === file)
        .map(({ node }) => ({ flow, flowFile, expression: { node } }));
    });
  }

  #thing(file: string, offset: number): Found | undefined {
    if (isFlowFile(file)) {
      const flow = this.files.flow(file);
      const thing = flow && thingAt(flow, offset);
      return flow && thing && { thing, flow, flowFile: file };
    }
    const text = this.files.text(file);
    if (text === undefined) return undefined;
    for (const { flow, flowFile, expression } of this.#standpoints(file)) {
      const thing = thingInPrompt(path.basename(file), text, offset, expression);
      if (thing) return { thing, flow, flowFile };
    }
    return undefined;
  }

  /** The file that a thing names, where there is one. */
  #namedFile(thing: Thing, flowFile: string): string | undefined {
    if (thing.is === 'agent') return this.files.known.agents.find((file) => agentName(file) === thing.name);
    if (thing.is !== 'prompt' && thing.is !== 'flow') return undefined;
    const file = path.resolve(path.dirname(flowFile), thing.path);
    return this.files.beside(flowFile).readPrompt(thing.path) === undefined ? undefined : file;
  }

  #spanAt(flow: FlowText, flowFile: string, name: string | undefined, range: TextRange): FileSpan {
    if (name === undefined) return { file: flowFile, span: spansIn(flow.text)(range) };
    const file = path.resolve(path.dirname(flowFile), name);
    return { file, span: spansIn(this.files.text(file) ?? '')(range) };
  }

  #usesOfFile(target: string): FileSpan[] {
    return this.#usesIn((use, folder) => use.is !== 'agent' && path.resolve(folder, use.name) === target);
  }

  #usesIn(wanted: (use: ReturnType<typeof usesOf>[number], folder: string) => boolean): FileSpan[] {
    return this.files.known.flows.flatMap((file) => {
      const flow = this.files.flow(file);
      if (!flow) return [];
      const spans = spansIn(flow.text);
      return usesOf(flow)
        .filter((use) => wanted(use, path.dirname(file)))
        .flatMap((use) => rangeOfUse(flow, use) ?? [])
        .map((range) => ({ file, span: spans(range) }));
    });
  }
}

const START: Span = { line: 0, column: 0, endLine: 0, endColumn: 0 };
const AGENT = '.agent.md';

function isFlowFile(file: string): boolean {
  return file.endsWith('.flow.json');
}

function agentName(file: string): string {
  return path.basename(file, AGENT);
}

function refused({ message, hint }: { message: string; hint: string }): { ok: false; message: string } {
  return { ok: false, message: `${message} ${hint}`.trim() };
}

function spansIn(text: string): (range: TextRange) => Span {
  const lines = lineIndex(text);
  return ({ offset, length }) => spanOf(lines.place(offset, length));
}

function spanEdits(text: string, edits: readonly TextEdit[]): SpanEdit[] {
  const spans = spansIn(text);
  return edits.map(({ newText, ...range }) => ({ span: spans(range), newText }));
}
