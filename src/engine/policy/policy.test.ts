import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../format/json.ts';
import type { Effect } from '../format/model.ts';
import { findSecrets } from '../format/secret-shapes.ts';
import { catalog } from '../nodes/catalog.ts';
import type { Trust } from '../run/events.ts';
import { fc } from '../testing/fast-check.ts';
import { effectiveEffect } from './effects.ts';
import { gateFor } from './gates.ts';
import { canonicalJson, hashJson, sha256 } from './hash.ts';
import { growingRedactor, REDACTED, redactJson, redactor, redactShapes, StreamRedactor } from './redact.ts';

describe('effects', () => {
  const write: JsonObject = { action: 'write', path: 'a', content: 'b' };
  test.each<[string, JsonObject, { stated?: Effect; actual?: Effect; trust: Trust }, Effect]>([
    // type, parameters, what is said of the step, how it is treated
    ['command', { run: ['a'] }, { trust: 'trusted' }, 'irreversible'],
    ['command', { run: ['a'] }, { trust: 'untrusted' }, 'irreversible'],
    ['command', { run: ['a'] }, { stated: 'read', trust: 'trusted' }, 'read'],
    ['command', { run: ['a'] }, { stated: 'write', trust: 'trusted' }, 'write'],
    ['command', { run: ['a'] }, { stated: 'read', trust: 'untrusted' }, 'irreversible'],
    ['command', { run: ['a'] }, { stated: 'none', trust: 'trusted' }, 'irreversible'],
    ['file', write, { trust: 'untrusted' }, 'write'],
    ['file', write, { stated: 'irreversible', trust: 'trusted' }, 'irreversible'],
    ['file', write, { stated: 'read', trust: 'trusted' }, 'write'],
    ['file', write, { actual: 'irreversible', trust: 'trusted' }, 'irreversible'],
    ['file', write, { stated: 'write', actual: 'irreversible', trust: 'trusted' }, 'irreversible'],
    ['file', write, { actual: 'write', trust: 'trusted' }, 'write'],
    // What the manifest says already may be lowered; the executor says nothing new.
    ['command', { run: ['a'] }, { stated: 'read', actual: 'irreversible', trust: 'trusted' }, 'read'],
    ['template', { template: 'a' }, { trust: 'untrusted' }, 'none'],
    ['template', { template: 'a' }, { stated: 'irreversible', trust: 'untrusted' }, 'irreversible'],
  ])('%s %j %j is %s', (type, params, step, expected) => {
    const manifest = catalog.get(type);
    if (!manifest) throw new Error(type);
    expect(effectiveEffect(manifest, params, step)).toBe(expected);
  });
});

test.each<[boolean, Effect, string[], ReturnType<typeof gateFor>]>([
  [true, 'none', [], { needed: true, why: 'declared' }],
  [true, 'irreversible', ['hash'], { needed: true, why: 'declared' }],
  [false, 'irreversible', [], { needed: true, why: 'demanded' }],
  [false, 'irreversible', ['other'], { needed: true, why: 'demanded' }],
  [false, 'irreversible', ['other', 'hash'], { needed: false }],
  [false, 'write', [], { needed: false }],
  [false, 'read', [], { needed: false }],
])('gate declared: %s, effect: %s, covered: %j', (declared, effect, covered, expected) => {
  expect(gateFor({ declared, effect, argsHash: 'hash', covered: new Set(covered) })).toEqual(expected);
});

describe('canonical JSON', () => {
  test.each<[Json, string]>([
    // The examples of RFC 8785, 3.2.2 and 3.2.3.
    [
      {
        numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
        string: '€$\u000F\nA\'B"\\\\"/',
        literals: [null, true, false],
      },
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    ],
    [
      { '€': 'Euro Sign', '\r': 'Carriage Return', '\ufb33': 'Hebrew', '1': 'One', '😀': 'Emoji', '\u0080': 'Control', ö: 'Latin' },
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin","€":"Euro Sign","😀":"Emoji","\ufb33":"Hebrew"}',
    ],
    [-0, '0'],
    [[], '[]'],
    [{}, '{}'],
    ['\ud800', '"\\ud800"'],
  ])('%j', (value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  test('says the same whatever the order of the keys, and loses nothing', () => {
    const shuffled = (value: Json): Json => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, shuffled(item)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as Json;
        expect(canonicalJson(shuffled(json))).toBe(canonicalJson(json));
        expect(JSON.parse(canonicalJson(json))).toEqual(json);
      }),
    );
  });

  test('hashes', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hashJson({ b: 1, a: [2] })).toBe(sha256('{"a":[2],"b":1}'));
  });
});

describe('redaction', () => {
  const redact = redactor(['hunter2-and-more', 'hunter2-and', 'a"b\\c/d e+f', 'short']);
  test.each([
    ['the key is hunter2-and-more!', `the key is ${REDACTED}!`],
    ['hunter2-and, hunter2-and', `${REDACTED}, ${REDACTED}`],
    ['short stays', 'short stays'],
    [JSON.stringify({ key: 'a"b\\c/d e+f' }), `{"key":"${REDACTED}"}`],
    [`?q=${encodeURIComponent('a"b\\c/d e+f')}&x`, `?q=${REDACTED}&x`],
    [Buffer.from('hunter2-and-more').toString('base64').replace(/=+$/, ''), REDACTED],
    ['nothing', 'nothing'],
  ])('%j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test('of values: texts and keys, and nothing else', () => {
    const value: Json = { a: ['hunter2-and-more', 1, null], 'hunter2-and': true };
    expect(redactJson(value, redact)).toEqual({ a: [REDACTED, 1, null], [REDACTED]: true });
    expect(value).toEqual({ a: ['hunter2-and-more', 1, null], 'hunter2-and': true });
    expect(redactor([])('hunter2')).toBe('hunter2');
    const known: string[] = [];
    const growing = growingRedactor(() => known);
    expect(growing('hunter2 letmein')).toBe('hunter2 letmein');
    known.push('hunter2');
    expect(growing('hunter2 letmein')).toBe('••• letmein');
    known.push('letmein');
    expect(growing('hunter2 letmein')).toBe('••• •••');
  });
});

describe('what looks like a key', () => {
  // Put together here, so that no scanner takes this file for a leak.
  const body = 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ0';
  const keys: [string, string][] = [
    ['OpenAI', `sk-proj-${body}${body}`],
    ['OpenAI', `sk-${body}`],
    ['Anthropic', `sk-ant-api03-${body}`],
    ['GitHub', `ghp_${body}${body.slice(0, 9)}`],
    ['GitHub', `github_pat_${body}`],
    ['GitLab', `glpat-${body}`],
    ['AWS', `AKIA${'A1B2C3D4E5F6G7H8'}`],
    ['Google', `AIza${body}${body.slice(0, 8)}`],
    ['Slack', `xoxb-${body}`],
    ['Stripe', `sk_live_${body}`],
    ['npm', `npm_${body}${body.slice(0, 9)}`],
    ['Hugging Face', `hf_${body}abcdef`],
    ['SendGrid', `SG.${body}.${body}`],
    ['private', `-----BEGIN ${'RSA '}PRIVATE KEY-----`],
  ];
  test.each(keys)('%s %s', (name, key) => {
    const text = `Bearer ${key}, and more`;
    expect(findSecrets(text)).toEqual([{ name, offset: 7, length: key.length }]);
    expect(redactShapes(text)).toBe(`Bearer ${REDACTED}, and more`);
  });

  test.each([
    'sk-learn-is-a-library-for-machines',
    'sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1',
    'task-1234567890123456789012345',
    'ghp_short',
    'the AKIA prefix',
    'npm_package',
    '{{ secrets.OPENAI_API_KEY }}',
    '-----BEGIN PUBLIC KEY-----',
  ])('%s is none', (text) => {
    expect(findSecrets(text)).toEqual([]);
  });
});

describe('a stream', () => {
  const secret = 'the-secret-value';
  const stream = () => new StreamRedactor(redactor([secret]));

  test.each<[what: string, pieces: string[]]>([
    ['cut in the middle', ['a the-sec', 'ret-value b']],
    ['letter by letter', [...`a ${secret} b`]],
    ['at the end of a line without an end', [`${'x'.repeat(7176)}the-sec`, `ret-value${'y'.repeat(1100)}`, 'z']],
    ['where a line is passed on half', [...Array.from({ length: 40 }, () => `${'x'.repeat(400)}the-sec`), 'ret-value']],
  ])('shows no secret that is %s', (_what, pieces) => {
    const redacted = stream();
    const shown = [...pieces.map((piece) => redacted.push(piece)), redacted.end()].join('');
    expect(shown).toBe(redactor([secret])(pieces.join('')));
    expect(shown).toContain(REDACTED);
  });

  test('is shown line by line', () => {
    const redacted = stream();
    expect(['one\ntw', 'o\r', 'three', 'x'.repeat(10_000)].map((piece) => redacted.push(piece).length)).toEqual([4, 4, 0, 8981]);
    expect(redacted.end()).toHaveLength(1024);
  });
});
