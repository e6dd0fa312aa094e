// Verifies a database and says what that took; `npm run bench -- estimates` runs it.
import { VERIFYING } from '../../src/database/bounds.ts';
import { openDatabase } from '../../src/database/open.ts';
import { verifyDatabase } from '../../src/domain/verify/verify.ts';
import { createLogger } from '../../src/logger.ts';
import { measure } from './measure.ts';
import type { Verified } from './verify.ts';

const [databaseUrl = ''] = process.argv.slice(2);
const options = { databaseUrl, dataDir: '', databaseConnections: 5, bounds: VERIFYING };
await using database = await openDatabase(options, createLogger('error'));
const rssBefore = process.memoryUsage().rss;
let differences = 0;
let compared = { figures: 0, observations: 0 };
const taken = await measure(async () => {
  compared = await verifyDatabase(database.client, false, ({ about, kept, recomputed }) => {
    differences += 1;
    if (differences <= 3) console.error(`${about}\n  ${kept}\n  ${recomputed}`);
  });
});
const { figures, observations } = compared;
// The system says it in KiB.
const rssPeak = process.resourceUsage().maxRSS * 1024;
const verified: Verified = { figures, observations, differences, ...taken, rssBefore, rssPeak };
process.stdout.write(JSON.stringify(verified));
