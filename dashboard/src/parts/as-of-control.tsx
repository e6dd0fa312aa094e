import { asOfDay, showAsOf, today } from '../api/as-of.ts';
import { day } from '../format/time.ts';
import { messages } from '../i18n/language.ts';

/** Chooses the day as of which the page is shown. */
export function AsOfControl() {
  return (
    <label class="as-of">
      {messages.value.asOf}{' '}
      <input
        type="date"
        max={today()}
        value={asOfDay.value ?? ''}
        onChange={({ currentTarget }) => showAsOf(currentTarget.value || null)}
      />
    </label>
  );
}

/** Says that the page is not of now, and leads back. */
export function AsOfBanner() {
  const m = messages.value;
  const { value } = asOfDay;
  if (value === null) return null;
  return (
    <p class="banner" role="status">
      {m.asOfThen(day(value))}{' '}
      <button type="button" onClick={() => showAsOf(null)}>
        {m.asOfNow}
      </button>
    </p>
  );
}
