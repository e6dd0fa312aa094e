import { messages } from '../i18n/language.ts';

/** Keeps the place of what is awaited. */
export function Loading() {
  return (
    <p class="loading" role="status">
      {messages.value.loading}
    </p>
  );
}
