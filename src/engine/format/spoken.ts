/** An id as people would say it: `askAda_2` is "Ask ada 2". For nodes without a title, where a person is spoken to. */
export function spoken(id: string): string {
  const words = id
    .replace(/([a-z])([A-Z])|([A-Za-z])(\d)/g, '$1$3 $2$4')
    .replaceAll('_', ' ')
    .trim()
    .replace(/ +/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
