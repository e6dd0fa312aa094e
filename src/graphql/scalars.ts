import { GraphQLError } from 'graphql';
import { PERIOD_FORMATS } from '../domain/values/period.ts';
import { builder } from './builder.ts';

const RFC_3339 = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
/** Postgres has no year 0, and does not read how JavaScript writes the year 10000. An offset can lead to both. */
const FIRST_YEAR = 1;
const LAST_YEAR = 9999;

// The scalars accept any text. The domain checks it, and reports all problems of an input at once.

builder.scalarType('Date', {
  specifiedByURL: 'https://scalars.graphql.org/andimarek/local-date.html',
  description: 'A calendar day in Asia/Shanghai, such as 2026-01-13.',
  serialize: (day) => (typeof day === 'string' ? day : day.toISOString().slice(0, 10)),
  parseValue: textOf('Date'),
});

builder.scalarType('DateTime', {
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  description:
    'An instant in the format of RFC 3339, such as 2026-01-13T08:00:00.000Z. Results are in UTC; inputs can have any offset.',
  serialize: (instant) => instant.toISOString(),
  parseValue: (value) => {
    const instant = typeof value === 'string' ? instantOf(value) : null;
    const year = instant?.getUTCFullYear() ?? 0;
    if (instant !== null && year >= FIRST_YEAR && year <= LAST_YEAR) return instant;
    throw new GraphQLError(`${JSON.stringify(value)} is not an instant; write 2026-01-13T08:00:00Z.`, {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  },
});

builder.scalarType('PartialDate', {
  description:
    'A date, as precisely as it is known: a year 2024, a quarter 2024-Q3, a month 2024-10 or a day 2024-10-15.',
  serialize: (date) => date,
  parseValue: textOf('PartialDate'),
});

// No public specification has all of its forms: quarters and halves are in neither ISO 8601 nor RFC 3339.
builder.scalarType('Period', {
  description: `A span of days: ${PERIOD_FORMATS}. Results use one canonical text for each span: 2025-01/2025-12 becomes 2025.`,
  serialize: (period) => period,
  parseValue: textOf('Period'),
});

builder.scalarType('Cursor', {
  description: 'An opaque position in the change log. At most 64 characters, safe in a URL.',
  serialize: (cursor) => cursor,
  parseValue: textOf('Cursor'),
});

function instantOf(text: string): Date | null {
  const [, day] = RFC_3339.exec(text) ?? [];
  if (day === undefined) return null;
  // 30 February would become 1 March.
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return null;
  return new Date(text);
}

function textOf(scalar: string): (value: unknown) => string {
  return (value) => {
    if (typeof value === 'string') return value;
    throw new GraphQLError(`A ${scalar} is a text in quotes.`, { extensions: { code: 'BAD_USER_INPUT' } });
  };
}
