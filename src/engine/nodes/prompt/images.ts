/** Images that go with a prompt: read once, recorded, so that a run that is resumed shows the model what it showed before. */
import { BelayError } from '../../errors.ts';
import type { JsonObject } from '../../format/json.ts';
import type { ImagePart } from '../../ports.ts';
import type { NodeContext } from '../executor.ts';

/** Bytes; what every service takes. */
const LARGEST = 5 * 1024 * 1024;

/** Throws `FILE_…`, `IMAGE_UNKNOWN`. */
export async function imagesFor(paths: readonly string[], context: NodeContext): Promise<ImagePart[]> {
  if (paths.length === 0) return [];
  const { files } = context.ports;
  const read = await context.step<JsonObject>('images', { effect: 'read', args: { paths: [...paths] } }, async () => {
    const images: JsonObject[] = [];
    for (const path of paths) {
      const { absolute, relative } = await files.resolve(path, context.flowDir);
      const bytes = await files.readBytes(absolute, LARGEST);
      const mediaType = mediaTypeOf(bytes);
      if (mediaType === undefined) {
        throw new BelayError('IMAGE_UNKNOWN', `"${relative}" is no image that models take.`, {
          hint: 'Use a PNG, JPEG, GIF or WebP file.',
          kind: 'badRequest',
        });
      }
      images.push({ mediaType, data: Buffer.from(bytes).toString('base64') });
    }
    return { images };
  });
  // Where nothing was read (a dry run) there is nothing to show.
  return (Array.isArray(read.images) ? (read.images as unknown as Omit<ImagePart, 'type'>[]) : []).map(({ mediaType, data }) => ({
    type: 'image',
    mediaType,
    data,
  }));
}

/** By its first bytes: what a file is called says little. */
function mediaTypeOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'image/gif';
  if (head.startsWith('RIFF') && head.slice(8) === 'WEBP') return 'image/webp';
  return undefined;
}
