import { choices, chooseKind, chooseNames, chooseYear, lastYear } from './choices.ts';
import { KINDS } from './makers.ts';
import { text } from './messages.ts';

/** Chooses the year: from the first with a number to that of the day. */
export function YearChooser({ first }: { readonly first: number }) {
  const { year } = choices.value;
  const least = Math.min(first, year);
  const years = Array.from({ length: lastYear.value - least + 1 }, (_, index) => lastYear.value - index);
  return (
    <div class="years">
      <Step to={year - 1} least={least} sign={`‹ ${year - 1}`} />
      <label>
        <span class="hidden">{text.value.year}</span>
        <select value={year} onChange={({ currentTarget }) => chooseYear(Number(currentTarget.value))}>
          {years.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <Step to={year + 1} least={least} sign={`${year + 1} ›`} />
    </div>
  );
}

function Step({ to, least, sign }: { readonly to: number; readonly least: number; readonly sign: string }) {
  return (
    <button type="button" disabled={to < least || to > lastYear.value} onClick={() => chooseYear(to)}>
      {sign}
    </button>
  );
}

/** Chooses of which makers the rows are. */
export function MakerChooser() {
  const t = text.value;
  const { kind, find } = choices.value;
  return (
    <>
      <label>
        {t.kinds}{' '}
        <select value={kind ?? ''} onChange={({ currentTarget }) => chooseKind(currentTarget.value)}>
          <option value="">{t.allKinds}</option>
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t.kind[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t.find} <input type="search" value={find} onInput={({ currentTarget }) => chooseNames(currentTarget.value)} />
      </label>
    </>
  );
}
