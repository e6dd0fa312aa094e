/** Okabe and Ito's colours, which stay apart with every kind of colour blindness. Yellow, too pale for a line on white, comes last. */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#8c6bb1', '#7f7f7f'];
export const DASHES = ['none', '6 3', '2 2', '8 3 2 3', 'none', '6 3', '2 2', '8 3 2 3'];

/** The colour of a line, by its place among the lines. */
export function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? 'currentColor';
}

export function dashOf(index: number): string {
  return DASHES[index % DASHES.length] ?? 'none';
}
