import { expect, test } from 'vitest';
import { namesInZip } from './zip.mjs';

/** A zip archive without contents: a central directory and its end. Offsets: APPNOTE 4.3.12 and 4.3.16. */
function archive(names: string[], { extra = 0, comment = '', before = 7 } = {}): Buffer {
  const entries = names.map((name) => {
    const bytes = Buffer.from(name);
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(bytes.length, 28);
    header.writeUInt16LE(extra, 30);
    header.writeUInt16LE(2, 32);
    return Buffer.concat([header, bytes, Buffer.alloc(extra), Buffer.from('hi')]);
  });
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(before, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([Buffer.alloc(before), ...entries, end, Buffer.from(comment)]);
}

test.each([
  ['no file', archive([]), []],
  ['files in folders, with umlauts', archive(['package.json', 'dist/é.txt']), ['package.json', 'dist/é.txt']],
  ['extra fields', archive(['a', 'b'], { extra: 9 }), ['a', 'b']],
  ['a comment at the end', archive(['a'], { comment: 'made by hand' }), ['a']],
])('%s', (_, zip, names) => {
  expect(namesInZip(zip)).toEqual(names);
});

test('what is no zip says so', () => {
  expect(() => namesInZip(Buffer.from('once upon a time there was no archive'))).toThrow('no zip archive');
});
