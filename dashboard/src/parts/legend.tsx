import { messages } from '../i18n/language.ts';

/** What the marks beside numbers mean. */
export function Legend() {
  const { marks, legend } = messages.value;
  const signs = [
    ['~', marks.ABOUT],
    ['>', marks.OVER],
    ['<', marks.UNDER],
    ['Σ', marks.derived],
    ['r', marks.revised],
    ['!', marks.contradicted],
    ['–', marks.unknown],
  ] as const;
  return (
    <dl class="legend" aria-label={legend}>
      {signs.map(([sign, words]) => (
        <div key={sign}>
          <dt>{sign}</dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
