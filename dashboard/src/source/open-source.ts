import { computed } from '@preact/signals';
import { readAddress, writeAddress } from '../parts/address.ts';
import type { Place } from './source-query.ts';

const NAME = 'source';

/** The number whose sources are shown; null: none. It is in the address, so that it can be shared. */
export const opened = computed(() => parse(readAddress(NAME)));

export function openSource(place: Place): void {
  writeAddress({ [NAME]: `${place.subject} ${place.metric} ${place.period}` });
}

export function closeSource(): void {
  writeAddress({ [NAME]: null });
}

function parse(text: string | null): Place | null {
  const [subject, metric, period] = text?.split(' ') ?? [];
  if (subject === undefined || metric === undefined || period === undefined) return null;
  return { subject, metric: metric as Place['metric'], period };
}
