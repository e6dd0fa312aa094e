/** After these a line may break: spaces, and the parts of an address. */
const BREAKS = /(?<=[\s/?&=,;，、；：])/u;

/** Breaks a text into lines that are at most so wide. A part that is too wide is broken anywhere, as Chinese is. */
export function wrapText(text: string, width: number, measure: (text: string) => number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of text.split(BREAKS)) {
    for (const piece of measure(part) <= width ? [part] : part) {
      if (line !== '' && measure(line + piece.trimEnd()) > width) {
        lines.push(line.trimEnd());
        line = '';
      }
      line += piece;
    }
  }
  return line === '' ? lines : [...lines, line.trimEnd()];
}
