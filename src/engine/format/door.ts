/**
 * A place where something comes in from outside. What may come in is said by a zod schema; making one takes longer than most documents
 * and journals take to read, so a look by the JSON Schema that was generated from it goes first, and zod is asked only in doubt.
 */
import type * as z from 'zod';
import type { JsonSchema } from './json.ts';
import { type QuickLook, quickLook } from './quick-look.ts';

export class Door<S extends z.ZodType> {
  readonly #make: () => S;
  readonly #generated: () => JsonSchema | undefined;
  readonly #root: (() => JsonSchema | undefined) | undefined;
  readonly #also: ((value: never) => boolean) | undefined;
  #look: QuickLook | undefined;

  /**
   * @param make the schema; called at most where there is a doubt, so it had better remember it
   * @param generated what `npm run generate` made of it; undefined: zod is asked each time
   * @param more `root`: of what `generated` is a part; `also`: what the refinements of the schema ask for, which JSON Schema cannot say
   */
  constructor(
    make: () => S,
    generated: () => JsonSchema | undefined,
    more: { root?: () => JsonSchema | undefined; also?: ((value: never) => boolean) | undefined } = {},
  ) {
    this.#make = make;
    this.#generated = generated;
    this.#root = more.root;
    this.#also = more.also;
  }

  get schema(): S {
    return this.#make();
  }

  /** True only for what the schema takes as it is; what it would take after leaving something out is in doubt. */
  surelyFits(value: unknown): boolean {
    this.#look ??= this.#makeLook();
    return this.#look(value) && (this.#also?.(value as never) ?? true);
  }

  safeParse(value: unknown): { success: true; data: z.infer<S> } | { success: false; error: z.ZodError } {
    return this.surelyFits(value)
      ? { success: true, data: value as z.infer<S> }
      : (this.schema.safeParse(value) as ReturnType<Door<S>['safeParse']>);
  }

  /** Throws zod's error. */
  parse(value: unknown): z.infer<S> {
    return this.surelyFits(value) ? (value as z.infer<S>) : this.schema.parse(value);
  }

  #makeLook(): QuickLook {
    const generated = this.#generated();
    return generated === undefined ? () => false : quickLook(generated, this.#root?.() ?? generated);
  }
}
