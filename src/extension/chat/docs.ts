/** Finds in Belay's own pages what a question is about. Pure. */

export interface Section {
  page: string;
  heading: string;
  text: string;
}

/** Words that every page has. */
const COMMON = new Set(
  'the and for with that this what how does can are was has have from into not you your its it is in on of to a an do i my me use used when which why flow flows belay'.split(
    ' ',
  ),
);

/** A page in its sections, by headings; what is longer than `most` characters is cut. */
export function sectionsOf(page: string, text: string, most = 3000): Section[] {
  const parts = text.split(/^(?=#{1,4} )/m);
  return parts.flatMap((part) => {
    const [first = '', ...rest] = part.split('\n');
    const body = rest.join('\n').trim();
    return body === '' ? [] : [{ page, heading: first.replace(/^#+\s*/, ''), text: body.slice(0, most) }];
  });
}

/** The sections that have the question's words, the best first: rare words count for more, and words of a heading for more still. */
export function sectionsAbout(question: string, sections: readonly Section[], most: number): Section[] {
  const wanted = [...new Set(wordsOf(question))].filter((word) => !COMMON.has(word));
  const indexed = sections.map((section) => ({ section, heading: new Set(wordsOf(section.heading)), words: wordsOf(section.text) }));
  const weight = new Map(
    wanted.map((word) => {
      const holding = indexed.filter(({ heading, words }) => heading.has(word) || words.includes(word)).length;
      return [word, Math.log(1 + sections.length / (1 + holding))];
    }),
  );
  return indexed
    .map(({ section, heading, words }) => {
      const score = wanted.reduce((sum, word) => {
        const times = words.filter((it) => it === word).length;
        return sum + (weight.get(word) ?? 0) * (times / (times + 1.5) + (heading.has(word) ? 1.5 : 0));
      }, 0);
      return { section, score };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ section }) => section);
}

/** In lower case, without the ending of a plural. */
function wordsOf(text: string): string[] {
  return [...text.toLowerCase().matchAll(/[\p{L}\p{N}_]{2,}/gu)].map(([word]) => (word.length > 3 ? word.replace(/s$/, '') : word));
}
