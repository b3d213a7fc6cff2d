/** Users' JSON Schemas (2020-12), compiled by ajv, which loads at the first use. */
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { BelayError } from '../errors.ts';
import type { Json, JsonSchema } from '../format/json.ts';

export interface SchemaProblem {
  message: string;
  /** JSON Pointer (RFC 6901) into the value; absent for the value itself. */
  path?: string;
}

/** What a message begins with that is about no part of the value; any other begins with the path. */
export const WHOLE_VALUE = 'the value';

/** More would not be read by anybody, and a repair prompt has to stay short. */
const MOST_PROBLEMS = 20;

/**
 * Checks a value against a schema.
 * @returns the problems in plain words; empty: it matches.
 * @throws BelayError `SCHEMA_INVALID` where the schema itself is wrong; `what` names it in the message.
 */
export async function checkSchema(schema: JsonSchema, value: Json, what: string): Promise<SchemaProblem[]> {
  const validate = await compile(schema, what);
  if (validate(value)) return [];
  const problems = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').map(problemOf);
  const seen = new Set<string>();
  return problems
    .filter(({ path, message }) => {
      const key = `${path}\n${message}`;
      return seen.has(key) ? false : seen.add(key);
    })
    .slice(0, MOST_PROBLEMS);
}

/** Compiling takes a hundred times longer than checking, and a flow's schemas stay the same objects as long as it runs. */
const compiled = new WeakMap<object, ValidateFunction>();

async function compile(schema: JsonSchema, what: string): Promise<ValidateFunction> {
  const known = typeof schema === 'boolean' ? undefined : compiled.get(schema);
  if (known) return known;
  // By default: a CommonJS package in a bundle has no other export.
  const [{ default: Ajv2020 }, { default: addFormats }, { schemaPattern }] = await Promise.all([
    import('ajv/dist/2020.js'),
    import('ajv-formats'),
    import('../format/expressions/schema-pattern.ts'),
  ]);
  const regExp = schemaPattern as NonNullable<NonNullable<ConstructorParameters<typeof Ajv2020>[0]>['code']>['regExp'] & object;
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: true, code: { regExp } });
  addFormats.default(ajv);
  try {
    const validate = ajv.compile(schema);
    if (typeof schema !== 'boolean') compiled.set(schema, validate);
    return validate;
  } catch (cause) {
    throw unusable(what, cause);
  }
}

function unusable(what: string, cause: unknown): BelayError {
  return new BelayError(
    'SCHEMA_INVALID',
    `${what} is not a usable JSON Schema: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      hint: 'Correct the schema (JSON Schema 2020-12, without references to other files).',
      kind: 'badRequest',
      cause,
    },
  );
}

function problemOf(error: ErrorObject): SchemaProblem {
  const at = error.instancePath === '' ? {} : { path: error.instancePath };
  const where = error.instancePath === '' ? WHOLE_VALUE : error.instancePath;
  const { keyword, params } = error;
  if (keyword === 'additionalProperties') return { message: `${where} has the unknown property "${params.additionalProperty}"`, ...at };
  if (keyword === 'enum') return { message: `${where} must be one of ${JSON.stringify(params.allowedValues)}`, ...at };
  if (keyword === 'const') return { message: `${where} must be ${JSON.stringify(params.allowedValue)}`, ...at };
  return { message: `${where} ${error.message ?? `breaks "${keyword}"`}`, ...at };
}
