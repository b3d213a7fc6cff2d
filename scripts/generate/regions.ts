/** Pages that people write, with tables in them that are derived from the code. */

/**
 * Fills `<!-- begin:NAME -->…<!-- end:NAME -->` of a page. Throws where a region is missing or nobody fills it, so that neither a new
 * command nor a removed one goes unnoticed.
 */
export function fillRegions(page: string, regions: Readonly<Record<string, string>>): string {
  const found = new Set<string>();
  const filled = page.replace(/<!-- begin:([\w-]+) -->\n.*?<!-- end:\1 -->/gs, (_, name: string) => {
    const text = regions[name];
    if (text === undefined) throw new Error(`Nothing fills the region "${name}" of the page.`);
    found.add(name);
    return `<!-- begin:${name} -->\n${text}\n<!-- end:${name} -->`;
  });
  const missing = Object.keys(regions).filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`The page lacks the regions ${missing.join(', ')}.`);
  return filled;
}
