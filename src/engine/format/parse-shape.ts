/** Checks one value of a document against its zod schema and says what is wrong in plain words, at the place where it is. */
import type * as z from 'zod';
import type { Door } from './door.ts';
import type { Json, JsonPath, JsonSchema } from './json.ts';
import { isJsonObject } from './json.ts';
import { type FieldHint, HINT } from './manifest.ts';
import type { ProblemList } from './parse-problems.ts';
import { actual, descriptionOf, expectation, jsonSchemaOf, knownKeys, schemaAt } from './parse-words.ts';
import type { Fix } from './problem.ts';
import { listed, suggest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

export interface Checked {
  door: Door<z.ZodType>;
  value: Json;
  /** Where the value stands in the document. */
  path: JsonPath;
  /** What its own key is called in messages: `retry`, `with`. */
  name: string;
  node?: string | undefined;
  /** Keys directly in the value that are checked elsewhere: their problems are left out. */
  except?: ReadonlySet<string>;
}

/**
 * @returns the value as the schema gives it, without unknown keys; undefined if it does not fit.
 */
export function checkShape<S extends z.ZodType>(
  checked: Omit<Checked, 'door'> & { door: Door<S> },
  problems: ProblemList,
): z.infer<S> | undefined {
  const { door } = checked;
  const result = door.safeParse(checked.value);
  if (result.success) return result.data;
  let fits = true;
  const strangers: JsonPath[] = [];
  for (const issue of result.error.issues.flatMap((it) => meant(it, checked.value, []))) {
    if (checked.except?.has(String(issue.path[0]))) continue;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        strangers.push([...pathOf(issue), key]);
        reportUnknownKey(checked, pathOf(issue), key, problems);
      }
    } else {
      fits = false;
      report(checked, issue, problems);
    }
  }
  return fits ? door.schema.safeParse(without(checked.value, strangers)).data : undefined;
}

const pathOf = (issue: Issue): JsonPath => issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));

/**
 * The issues that an author meant to avoid: of alternatives only those of the one whose form was chosen, e.g. what is wrong inside
 * `{"atLeast": 0}` rather than that it is neither "all" nor "any".
 */
function meant(issue: Issue, value: Json, above: JsonPath): Issue[] {
  const path = [...above, ...pathOf(issue)];
  if (issue.code !== 'invalid_union') return [{ ...issue, path: [...path] }];
  const chosen = issue.errors.filter((branch) => branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'));
  const [only] = chosen;
  return chosen.length === 1 && only ? only.flatMap((inner) => meant(inner, value, path)) : [{ ...issue, path: [...path] }];
}

function report(checked: Checked, issue: Issue, problems: ProblemList): void {
  if (problems.full) return;
  const path = pathOf(issue);
  const at = [...checked.path, ...path];
  const schema = jsonSchemaOf(checked.door.schema);
  const name = nameOf(checked.name, path);
  const found = valueAt(checked.value, path);
  const hint = descriptionOf(schemaAt(schema, path));
  if (issue.code === 'custom') {
    const about = fieldsNamed(issue.message, schemaAt(schema, path.slice(0, -1)));
    const said = about ?? (found === undefined ? hint : undefined);
    problems.add('VALUE_INVALID', { path: at, node: checked.node }, `${capitalised(issue.message)}.`, said);
  } else if (issue.code === 'invalid_key') {
    const key = JSON.stringify(path.at(-1));
    problems.add(
      'KEY_INVALID',
      { path: at, key: true, node: checked.node },
      `${key} cannot be a key of ${JSON.stringify(nameOf(checked.name, path.slice(0, -1)))}.`,
    );
  } else if (found === undefined) {
    const parent = nameOf(checked.name, path.slice(0, -1));
    const key = JSON.stringify(path.at(-1) ?? checked.name);
    const special = (schemaAt(schema, path)?.[HINT] as FieldHint | undefined)?.missing;
    const message = `${JSON.stringify(parent)} lacks ${key}.`;
    const place = { path: at.slice(0, -1), node: checked.node, missing: at.at(-1)?.toString() };
    if (special) problems.add(special.code, place, message, undefined, { fix: addition(at, special.value) });
    else problems.add('KEY_MISSING', place, message, hint && `${key}: ${hint}`);
  } else {
    const wanted = customMessage(issue) ?? expectation(schemaAt(schema, path));
    problems.add(
      'VALUE_INVALID',
      { path: at, node: checked.node },
      `${JSON.stringify(name)} has to be ${wanted}, not ${actual(found)}.`,
      hint && `${JSON.stringify(name)}: ${hint}`,
    );
  }
}

/** What the fields are that a message is about, if it is about several: one alone would say nothing of how they go together. */
function fieldsNamed(message: string, schema: JsonSchema | undefined): string | undefined {
  const said = [...message.matchAll(/"(\w+)"/g)].flatMap(([quoted, name = '']) => {
    const text = descriptionOf(schemaAt(schema, [name]));
    return text ? [`${quoted}: ${text}`] : [];
  });
  return said.length > 1 ? said.join(' ') : undefined;
}

function addition(path: JsonPath, value: Json): Fix {
  const key = String(path.at(-1));
  return { title: `Add ${JSON.stringify(key)}: ${JSON.stringify(value)}`, edits: [{ kind: 'add', path: [...path], value }] };
}

/** Patterns may carry their own words: `expected a duration such as "30s"`. */
function customMessage(issue: Issue): string | undefined {
  return issue.code === 'invalid_format' && issue.message.startsWith('expected ') ? issue.message.slice('expected '.length) : undefined;
}

function reportUnknownKey(checked: Checked, path: JsonPath, key: string, problems: ProblemList): void {
  const known = knownKeys(schemaAt(jsonSchemaOf(checked.door.schema), path));
  addUnknownKey(problems, { path: [...checked.path, ...path, key], node: checked.node }, JSON.stringify(nameOf(checked.name, path)), known);
}

/** The warning for a key that nobody reads; the last step of `where.path` is the key. */
export function addUnknownKey(
  problems: ProblemList,
  where: { path: JsonPath; node?: string | undefined },
  owner: string,
  known: readonly string[],
): void {
  if (problems.full) return;
  const key = String(where.path.at(-1));
  const near = suggest(key, known);
  const hint = near ? `Did you mean ${JSON.stringify(near)}?` : `It is kept and has no effect. Known here: ${listed(known, 20)}.`;
  const fix: Fix | undefined = near
    ? { title: `Change to ${JSON.stringify(near)}`, edits: [{ kind: 'renameKey', path: [...where.path], to: near }] }
    : undefined;
  problems.add('KEY_UNKNOWN', { ...where, key: true }, `Unknown key ${JSON.stringify(key)} in ${owner}.`, hint, { fix });
}

/** `cases[0].name`; the value's own name where the path is empty. */
function nameOf(name: string, path: JsonPath): string {
  const tail = path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`)).join('');
  if (tail === '') return name;
  return tail.startsWith('[') ? `${name}${tail}` : tail;
}

function valueAt(value: Json, path: JsonPath): Json | undefined {
  let at: Json | undefined = value;
  for (const step of path) {
    if (typeof step === 'number') at = Array.isArray(at) ? at[step] : undefined;
    else at = at !== undefined && isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

/** A copy of the value without the keys at these paths. */
function without(value: Json, paths: readonly JsonPath[]): Json {
  if (paths.length === 0) return value;
  if (Array.isArray(value)) {
    return value.map((entry, index) =>
      without(
        entry,
        paths.filter((path) => path[0] === index).map((path) => path.slice(1)),
      ),
    );
  }
  if (!isJsonObject(value)) return value;
  const gone = new Set(paths.filter((path) => path.length === 1).map((path) => path[0]));
  const kept = Object.entries(value).filter(([key]) => !gone.has(key));
  return Object.fromEntries(
    kept.map(([key, entry]) => [
      key,
      without(
        entry,
        paths.filter((path) => path[0] === key).map((path) => path.slice(1)),
      ),
    ]),
  );
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/\.$/, '');
}
