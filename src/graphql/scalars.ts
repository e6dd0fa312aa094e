import { GraphQLError } from 'graphql';
import { PERIOD_FORMATS } from '../domain/period.ts';
import { builder } from './builder.ts';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
/** Postgres has no year 0, which an offset can lead to as well. */
const FIRST_YEAR = 1;

// Texts are taken as they come: what they mean is checked by the domain, which names everything wrong at once.

builder.scalarType('Date', {
  description: 'A calendar day in Asia/Shanghai: 2026-01-13.',
  serialize: (day) => (typeof day === 'string' ? day : day.toISOString().slice(0, 10)),
  parseValue: textOf('Date'),
});

builder.scalarType('DateTime', {
  description: 'An instant by RFC 3339, in UTC: 2026-01-13T08:00:00.000Z.',
  serialize: (instant) => instant.toISOString(),
  parseValue: (value) => {
    const instant = typeof value === 'string' && RFC_3339.test(value) ? new Date(value) : null;
    if (instant !== null && instant.getUTCFullYear() >= FIRST_YEAR) return instant;
    throw new GraphQLError(`${JSON.stringify(value)} is not an instant; write 2026-01-13T08:00:00Z.`, {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  },
});

builder.scalarType('PartialDate', {
  description: 'A day, as precisely as it is known: 2024, 2024-10 or 2024-10-15.',
  serialize: (date) => date,
  parseValue: textOf('PartialDate'),
});

builder.scalarType('Period', {
  description: `A span of days: ${PERIOD_FORMATS}. One span has one canonical text, so 2025-01/2025-12 is answered as 2025.`,
  serialize: (period) => period,
  parseValue: textOf('Period'),
});

builder.scalarType('Cursor', {
  description: 'An opaque place in the change log, at most 64 characters, safe in a URL.',
  serialize: (cursor) => cursor,
  parseValue: textOf('Cursor'),
});

function textOf(scalar: string): (value: unknown) => string {
  return (value) => {
    if (typeof value === 'string') return value;
    throw new GraphQLError(`A ${scalar} is a text in quotes.`, { extensions: { code: 'BAD_USER_INPUT' } });
  };
}
