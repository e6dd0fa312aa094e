import { expect, test } from 'vitest';
import { libpqAddress } from '../../src/cli/libpq-address.ts';
import { StartupError } from '../../src/errors.ts';

const AT = 'postgres://milepost@host:5433/milepost';

test.each([
  ['postgres://milepost:se%40cret@host:5433/milepost', AT, 'se@cret'],
  ['postgres://milepost@host:5433/milepost?password=secret', AT, 'secret'],
  ['postgres://milepost:100%@host:5433/milepost', AT, '100%'],
  ['postgres://a+b:c+d@host/of+us', 'postgres://a+b@host/of+us', 'c+d'],
  [`${AT}?options=-c+work_mem%3D1MB`, `${AT}?options=-c%20work_mem%3D1MB`, ''],
  [`${AT}?application_name=a%2Bb&schema=public`, `${AT}?application_name=a%2Bb`, ''],
  [`${AT}?ssl=true`, `${AT}?sslmode=require`, ''],
  [`${AT}?ssl=1&sslmode=verify-full&sslrootcert=/a`, `${AT}?sslmode=verify-full&sslrootcert=%2Fa`, ''],
  [`${AT}?sslmode=no-verify&sslaccept=strict&uselibpqcompat=true`, `${AT}?sslmode=require`, ''],
  [`${AT}?ssl=false`, AT, ''],
])('%s is %s to the programs of Postgres', (databaseUrl, address, password) => {
  expect(libpqAddress(databaseUrl)).toEqual({ address, password });
});

test.each([`${AT}?pgbouncer=true`, 'postgres://milepost:secret@/milepost?host=/run', 'postgres://host:99999/a'])(
  '%s is refused without its password',
  (databaseUrl) => {
    expect(() => libpqAddress(databaseUrl)).toThrow(StartupError);
    expect(() => libpqAddress(databaseUrl)).not.toThrow(/secret/);
  },
);
