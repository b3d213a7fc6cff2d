// Prints the reviews of the shop, one a line: id, stars and text with tabs between them.
import { readFileSync } from 'node:fs';

const { reviews } = JSON.parse(readFileSync(new URL('../data/reviews.json', import.meta.url), 'utf8'));
for (const { id, stars, text } of reviews) console.log([id, stars, text].join('\t'));
