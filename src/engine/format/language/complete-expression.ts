/** What may be written at a place of a template or a condition. */
import { FILTERS, FUNCTIONS, INNER_TAGS, TAGS, templateWords } from '../expressions/index.ts';
import { ANY_JSON, describeType, fieldOf, itemsOf, KIND, mayBe, type Type, typeOfSchema, without } from '../expressions/types.ts';
import { type Standpoint, templateField } from '../flow-types.ts';
import type { BodyRoot } from '../manifest.ts';
import type { FlowReading } from '../reading.ts';
import type { ExpressionKind } from '../references.ts';
import { Sight } from '../sight.ts';
import type { TextRange } from '../string-offsets.ts';
import type { Completion, CompletionKind } from './completion.ts';
import { type ExpressionCursor, expressionCursor } from './expression-cursor.ts';
import { type Local, localsBefore } from './locals.ts';

/** Where an expression stands, and in which flow. */
export interface ExpressionSite {
  reading: FlowReading;
  at: Standpoint;
  kind: ExpressionKind;
  /** `secrets.NAME` may stand there. */
  secrets: boolean;
  /** Names of the secrets that there are, if the host can tell. */
  secretNames?: readonly string[];
}

/**
 * @param text the expression as it now stands: a template with the prose around its tags, or a condition. Need not be whole.
 * @param offset of the cursor, in UTF-16 code units of `text`; so are the ranges to be replaced.
 * @returns in the order in which they are best shown; empty where nothing can be completed. Not narrowed down to what has been
 *   typed: editors do that, each in its own way.
 */
export function completeExpression(text: string, offset: number, site: ExpressionSite): Completion[] {
  const cursor = expressionCursor(text, offset, site.kind);
  if (!cursor) return [];
  const completer = new Completer(site, cursor, localsBefore(text, offset, site.kind));
  switch (cursor.at) {
    case 'name':
      return completer.names();
    case 'member':
      return completer.members(cursor);
    case 'filter':
      return completer.filters();
    case 'tag':
      return completer.tags();
    default:
      return cursor satisfies never;
  }
}

const BODY_ROOTS: Readonly<Record<BodyRoot, string>> = {
  item: 'The item whose turn it is.',
  index: 'The number of the pass, from 0.',
  previous: 'The result of the pass before; null in the first.',
};

const STEP_PARTS = {
  output: 'What the step gave; null where it was skipped or failed.',
  error: 'Why it failed: code, kind, message, hint; null otherwise.',
  state: 'pending, succeeded, failed or skipped.',
} as const;

class Completer {
  readonly #site: ExpressionSite;
  readonly #replace: TextRange;
  readonly #locals: readonly Local[];

  constructor(site: ExpressionSite, { replace }: ExpressionCursor, locals: readonly Local[]) {
    this.#site = site;
    this.#replace = replace;
    this.#locals = locals;
  }

  names(): Completion[] {
    const { reading, at, kind, secrets } = this.#site;
    const found: Completion[] = [];
    for (const { name } of this.#locals)
      if (!found.some(({ label }) => label === name)) found.push(this.#item(name, 'local', this.typeOf([name])));
    for (const root of ['item', 'index', 'previous'] as const) {
      if (reading.giverOf(root, at) !== undefined)
        found.push({ ...this.#item(root, 'local', this.typeOf([root])), about: BODY_ROOTS[root] });
    }
    for (const name of Object.keys(reading.flow.inputs ?? {}))
      found.push({ ...this.#input(name), label: `inputs.${name}`, insert: `inputs.${name}` });
    for (const id of new Sight(reading).visible(at)) {
      found.push({ ...this.#step(id), label: `steps.${id}.output`, insert: `steps.${id}.output` });
    }
    const root = (name: string, about: string) => found.push({ ...this.#item(name, 'root'), insert: `${name}.`, about, continues: true });
    root('inputs', 'What the run was started with.');
    root('steps', 'The steps that come before, by id.');
    root('run', 'The run itself: id, flow, title, startedAt.');
    if (Object.keys(reading.flow.triggers ?? {}).length > 0) root('trigger', 'What started the run.');
    if (secrets) root('secrets', 'Put in at the last moment; never in a journal.');
    if (kind === 'condition') found.push(...this.#functions(undefined));
    return found;
  }

  members({ path, quote, from }: Extract<ExpressionCursor, { at: 'member' }>): Completion[] {
    const { reading, kind, at, secrets, secretNames = [] } = this.#site;
    const [root, ...rest] = path;
    const isLocal = this.#locals.some(({ name }) => name === root);
    let found: Completion[];
    if (!isLocal && root === 'steps' && rest.length === 0) found = new Sight(reading).visible(at).map((id) => this.#step(id));
    else if (!isLocal && root === 'steps' && rest.length === 1) found = this.#parts(String(rest[0]));
    else if (!isLocal && root === 'inputs' && rest.length === 0)
      found = Object.keys(reading.flow.inputs ?? {}).map((name) => this.#input(name));
    else if (!isLocal && root === 'secrets')
      found = secrets && rest.length === 0 ? secretNames.map((name) => this.#item(name, 'secret')) : [];
    else {
      const type = this.typeOf(path);
      found = type ? this.#fields(type) : [];
      if (kind === 'condition' && type && quote === undefined) found.push(...this.#functions(type));
    }
    return quote === undefined
      ? found.map((item) => inBrackets(item, from))
      : found.filter(({ kind: it }) => it !== 'function').map((item) => quoted(item, quote));
  }

  filters(): Completion[] {
    return templateWords()
      .filters.map((name) => {
        const [usage = name, about = ''] = FILTERS[name] ?? [];
        return { ...this.#item(name, 'filter'), insert: usage.includes(':') ? `${name}: ` : name, detail: usage, about };
      })
      .toSorted((a, b) => Number(b.label === 'default') - Number(a.label === 'default') || (a.label < b.label ? -1 : 1));
  }

  tags(): Completion[] {
    const tags = templateWords().tags.map((name) => {
      const [usage = name, about = ''] = TAGS[name] ?? [];
      return { ...this.#item(name, 'tag'), detail: usage, about };
    });
    return [...tags, ...INNER_TAGS.map((name) => this.#item(name, 'tag'))];
  }

  /** Of what a path leads to; undefined where there is no such thing. */
  typeOf([root, ...rest]: readonly (string | number)[]): Type | undefined {
    const { reading, at, kind } = this.#site;
    const index = this.#locals.findIndex(({ name }) => name === root);
    const local = this.#locals[index];
    let type = reading.types.root(String(root), at);
    if (local) {
      const outer = new Completer(this.#site, { at: 'name', word: '', replace: this.#replace }, this.#locals.slice(index + 1));
      const of = local.path && outer.typeOf(local.path);
      type = (of && (local.is === 'item' ? itemsOf(of) : of)) ?? ANY_JSON;
    }
    for (const step of rest) {
      if (!type) return undefined;
      if (kind === 'template') type = templateField(type, step);
      else type = typeof step === 'number' ? itemsOf(type) : fieldOf(type, step);
    }
    return type;
  }

  #item(label: string, kind: CompletionKind, type?: Type): Completion {
    const about = type?.about;
    return {
      label,
      kind,
      insert: label,
      replace: this.#replace,
      ...(type && { detail: typeWords(type) }),
      ...(about !== undefined && { about }),
    };
  }

  #input(name: string): Completion {
    const schema = this.#site.reading.flow.inputs?.[name];
    return this.#item(name, 'input', schema === undefined ? undefined : typeOfSchema(schema));
  }

  #step(id: string): Completion {
    const { reading } = this.#site;
    const node = reading.node(id);
    const about = node?.title ?? reading.manifestOf(id)?.description;
    return { ...this.#item(id, 'step'), detail: node?.type ?? '', ...(about !== undefined && { about }) };
  }

  #parts(id: string): Completion[] {
    if (!this.#site.reading.node(id)) return [];
    return Object.entries(STEP_PARTS).map(([name, about]) => ({ ...this.#item(name, 'field', this.typeOf(['steps', id, name])), about }));
  }

  #fields(type: Type): Completion[] {
    const found = (type.object?.known ?? []).map((name) => this.#item(name, 'field', type.object?.field(name)));
    if (this.#site.kind === 'template') {
      if (mayBe(type, KIND.list) && !mayBe(type, KIND.object))
        for (const name of ['first', 'last']) found.push(this.#item(name, 'field', itemsOf(type)));
      if (mayBe(type, KIND.list | KIND.text) && type.object === undefined)
        found.push({ ...this.#item('size', 'field'), detail: 'a number' });
    }
    return found;
  }

  /** `receiver`: those that are called on a value of such a type; undefined: those that stand alone. */
  #functions(receiver: Type | undefined): Completion[] {
    return CALLS.flatMap(({ name, on, signature, about }) => {
      if ((receiver === undefined) !== (on === undefined) || (receiver && on !== undefined && !mayBe(receiver, on))) return [];
      return [{ ...this.#item(name, 'function'), insert: `${name}(`, detail: signature, about }];
    });
  }
}

/** `text`, `text or null`, …: what is offered is there or null, which says nothing new. */
function typeWords(type: Type): string {
  return describeType(type.kinds === KIND.null ? type : without(type, KIND.null));
}

const RECEIVERS: Readonly<Record<string, number>> = { text: KIND.text, list: KIND.list };

/** Every call of the reference's table. */
const CALLS = FUNCTIONS.flatMap(({ signature, description }) =>
  signature.split(/(?<=\)), /).flatMap((one) => {
    const [, receiver, name] = /^(?:(\w+)\.)?(\w+)\(/.exec(one) ?? [];
    if (name === undefined) return [];
    const on = receiver === undefined ? undefined : RECEIVERS[receiver];
    const plain = receiver !== undefined && on === undefined ? `${receiver}.${name}` : name;
    return [{ name: plain, on, signature: one, about: description }];
  }),
);

const PLAIN_NAME = /^[A-Za-z_]\w*$/;

/** A name that cannot stand behind a dot, in brackets instead of it. */
function inBrackets(item: Completion, from: number): Completion {
  if (item.kind === 'function' || PLAIN_NAME.test(item.label)) return item;
  const { offset, length } = item.replace;
  return {
    ...item,
    insert: `['${item.label.replaceAll("'", "\\'")}']`,
    replace: { offset: from, length: offset + length - from },
    filter: `.${item.label}`,
  };
}

/** Only the name stands there already: what closes it is added by the editor, or is there. */
function quoted(item: Completion, quote: string): Completion {
  return { ...item, insert: item.label.replaceAll(quote, `\\${quote}`) };
}
