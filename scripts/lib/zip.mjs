// @ts-check
const END_OF_CENTRAL_DIRECTORY = 0x06054b50;

/**
 * The names of the files in a zip archive (without zip64), read from its central directory (APPNOTE 4.3.12 and 4.3.16).
 * @param {Buffer} zip
 * @returns {string[]}
 */
export function namesInZip(zip) {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== END_OF_CENTRAL_DIRECTORY) end--;
  if (end < 0) throw new Error('this is no zip archive: it has no central directory');
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    const length = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + length);
    at += 46 + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    return name;
  });
}
