// "Sends" its input to somebody: adds it to out/sent.txt. Stands for what would really leave the house.
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';

const out = new URL('../out/', import.meta.url);
mkdirSync(out, { recursive: true });
appendFileSync(new URL('sent.txt', out), `To: ${process.argv[2]}\n\n${readFileSync(0, 'utf8').trim()}\n\n`);
