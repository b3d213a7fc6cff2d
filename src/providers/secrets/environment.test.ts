import { describe, expect, it } from 'vitest';
import { createEnvironmentSecrets } from './environment.ts';

const secrets = createEnvironmentSecrets(
  {
    BELAY_SECRET_TOKEN: 'tok"en/1',
    BELAY_SECRET_LONG: 'tok"en/1-and-more',
    BELAY_SECRET_PIN: '1',
    BELAY_SECRET_NONE: '',
    HOME: '/home/ada',
  },
  ['sk-model-key'],
);

it.each<[string, string | undefined]>([
  ['TOKEN', 'tok"en/1'],
  ['NONE', undefined],
  ['HOME', undefined],
  ['BELAY_SECRET_TOKEN', undefined],
  ['constructor', undefined],
])('%s is %s', async (name, value) => expect(await secrets.get(name)).toBe(value));

describe('redaction', () => {
  it.each<[what: string, text: string, redacted: string]>([
    ['as it is', 'a tok"en/1 b tok"en/1', 'a ••• b •••'],
    ['one inside another', 'tok"en/1-and-more', '•••'],
    ['in JSON', JSON.stringify({ a: 'tok"en/1' }), '{"a":"•••"}'],
    ['in an address', `?t=${encodeURIComponent('tok"en/1')}`, '?t=•••'],
    ['in Base64', `Basic ${Buffer.from('tok"en/1').toString('base64')}`, 'Basic •••='],
    ['a key of a model', 'Bearer sk-model-key', 'Bearer •••'],
    ['too short to tell', 'page 1', 'page 1'],
    ['nothing', '/home/ada', '/home/ada'],
  ])('%s', (_what, text, redacted) => expect(secrets.redact(text)).toBe(redacted));
});
