import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { chartCsv, type Data } from './chart-csv.ts';
import { text } from './chart-messages.ts';
import { shownDay } from './chart-source.ts';
import { type Around, DRAWING_WIDTH, pictureOf, pngFile, svgFile } from './picture.ts';
import { fileName, saveFile } from './save-file.ts';

type Format = 'SVG' | 'PNG' | 'CSV';
const FORMATS: readonly Format[] = ['SVG', 'PNG', 'CSV'];

interface ToolsProps {
  readonly around: Around;
  readonly draw: (width: number) => Promise<Element>;
  readonly data: Data;
  /** Whether there is something to draw. */
  readonly ready: boolean;
  readonly children?: ComponentChildren;
}

/** Buttons that give a chart away: as a picture with its title and its source, and as data. */
export function ChartTools({ around, draw, data, ready, children }: ToolsProps) {
  const m = text.value;
  const [hasFailed, fail] = useState(false);
  const make = async (format: Format): Promise<Blob> => {
    if (format === 'CSV')
      return new Blob([chartCsv(data, m.sourceColumn, around.source.join(' '))], { type: 'text/csv;charset=utf-8' });
    const picture = pictureOf(await draw(DRAWING_WIDTH), around);
    return format === 'SVG' ? svgFile(picture) : pngFile(picture);
  };
  const save = (format: Format): void => {
    make(format).then(
      (file) => {
        fail(false);
        saveFile(fileName(around.title, shownDay(), format.toLowerCase()), file);
      },
      () => fail(true),
    );
  };
  return (
    <fieldset class="tools">
      <legend class="hidden">{m.downloads(around.title)}</legend>
      {FORMATS.map((format) => (
        <button
          key={format}
          type="button"
          disabled={!ready}
          title={m[format]}
          aria-label={m[format]}
          onClick={() => save(format)}
        >
          {format}
        </button>
      ))}
      {children}
      {hasFailed && <span role="alert">{m.failed}</span>}
    </fieldset>
  );
}
