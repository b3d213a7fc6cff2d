/**
 * A stand-in for something that is loaded when it is first used: called, constructed, read from or compared with `instanceof`.
 *
 * @template {object} T
 * @param {() => T} load
 * @returns {T}
 */
export function late(load) {
  /** @type {Record<string, Function>} */
  const traps = {};
  for (const name of Object.getOwnPropertyNames(Reflect)) {
    const act = Reflect[/** @type {keyof typeof Reflect} */ (name)];
    if (typeof act === 'function') traps[name] = (/** @type {T} */ _target, /** @type {unknown[]} */ ...rest) => act(load(), ...rest);
  }
  // Can be called and constructed; bound, it has no `prototype` of its own, which a proxy could not hide.
  return new Proxy(class {}.bind(undefined), traps);
}
