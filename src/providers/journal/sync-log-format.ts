/**
 * The file of a sync log: a header, then frames in a room that was made before, so that a sync need not record a new length of the file.
 * A frame holds what several segments were given since they were durable, each piece with its place. When the log begins anew its
 * generation rises, so that what is left of the one before counts no more.
 */
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { lazily } from '../../engine/format/lazily.ts';
import { parseJson } from '../../engine/messages.ts';
import type { Owner } from '../../engine/run/events.ts';
import { ownerSchema } from '../../engine/run/events.ts';

/** Where the frames begin. */
export const HEADER_BYTES = 4096;
/** Length, generation, checksum. */
const FRAME_HEAD = 12;

/** Bytes of a segment, and where they stand in it. */
export interface Piece {
  runId: string;
  segment: number;
  at: number;
  bytes: Uint8Array;
}

const headerSchema = lazily(() => z.object({ syncLog: z.literal(1), owner: ownerSchema() }));
const placesSchema = lazily(() => z.array(z.tuple([z.string(), z.int().min(1), z.int().min(0), z.int().min(1)])));

export function encodeHeader(owner: Owner): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(`${JSON.stringify({ syncLog: 1, owner })}\n`);
  return header;
}

/** Whose log it is. Undefined: it cannot be told. */
export function decodeHeader(bytes: Buffer): Owner | undefined {
  const found = headerSchema().safeParse(parseJson(bytes.toString('utf8', 0, bytes.indexOf(0x0a))));
  return found.success ? found.data.owner : undefined;
}

export function encodeFrame(generation: number, pieces: readonly Piece[]): Buffer {
  const places = `${JSON.stringify(pieces.map(({ runId, segment, at, bytes }) => [runId, segment, at, bytes.length]))}\n`;
  const frame = Buffer.concat([Buffer.alloc(FRAME_HEAD), Buffer.from(places), ...pieces.map(({ bytes }) => bytes)]);
  frame.writeUInt32LE(frame.length - FRAME_HEAD, 0);
  frame.writeUInt32LE(generation, 4);
  frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEAD), generation), 8);
  return frame;
}

/** All whole frames of the generation that the log ends in, up to the first that is not whole: that one was never acknowledged. */
export function decodeFrames(log: Buffer): Piece[] {
  const pieces: Piece[] = [];
  let generation: number | undefined;
  for (let start = HEADER_BYTES; start + FRAME_HEAD <= log.length; ) {
    const end = start + FRAME_HEAD + log.readUInt32LE(start);
    const payload = log.subarray(start + FRAME_HEAD, end);
    generation ??= log.readUInt32LE(start + 4);
    if (payload.length === 0 || end > log.length || log.readUInt32LE(start + 4) !== generation) break;
    if (crc32(payload, generation) !== log.readUInt32LE(start + 8)) break;
    const found = piecesOf(payload);
    if (!found) break;
    pieces.push(...found);
    start = end;
  }
  return pieces;
}

function piecesOf(payload: Buffer): Piece[] | undefined {
  let from = payload.indexOf(0x0a) + 1;
  const places = placesSchema().safeParse(parseJson(payload.toString('utf8', 0, from)));
  return places.data?.map(([runId, segment, at, length]) => {
    const bytes = payload.subarray(from, from + length);
    from += length;
    return { runId, segment, at, bytes };
  });
}
