import { Agent, request } from 'node:http';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { recordFigure } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { addDays } from '../../src/domain/values/calendar.ts';
import { ADMIN_KEY } from '../fanout/settings.ts';
import { createMaker } from '../fanout/writer.ts';

/** Writes take turns, so that they do not wait for each other's maker. */
const MAKERS = 20;
const FIRST_VALUE = 100_000;
const SOURCE = { publisher: { slug: 'news', name: 'News', tier: 1 }, title: 'Deliveries' };

/** Ways to write one figure, each with a value of its own. They resolve with whether it was written: a server with too much to do refuses. */
export interface Writers {
  /** In this process, which is to the server as another instance. */
  writeHere(): Promise<boolean>;
  /** Over the API of the server. */
  writeThere(): Promise<boolean>;
}

/** Makes makers with three milestones each, about which figures of single days are written. */
export async function createWriters(db: PrismaClient, url: string): Promise<Writers> {
  const { source } = await registerSource(db, SOURCE);
  for (let maker = 0; maker < MAKERS; maker += 1)
    await createMaker(db, { slug: `aurora-${maker}`, name: `Aurora ${maker}` }, source.id);
  const ask = askerOf(url);
  const registered = await ask('mutation ($input: SourceInput!) { registerSource(input: $input) { source { id } } }', {
    input: SOURCE,
  });
  const sourceId = (registered as { registerSource: { source: { id: string } } }).registerSource.source.id;
  let written = 0;
  const next = () => {
    const index = written;
    written += 1;
    return {
      subject: `aurora-${index % MAKERS}`,
      metric: 'DELIVERIES' as const,
      period: addDays('2020-01-01', Math.floor(index / MAKERS)),
      value: FIRST_VALUE + index,
      qualifier: 'EXACT' as const,
      acknowledgeOutlier: true,
    };
  };
  return {
    writeHere: async () => {
      await recordFigure(db, { ...next(), sourceId: source.id });
      return true;
    },
    writeThere: async () => {
      const answer = await ask(
        'mutation ($input: FigureInput!) { recordFigure(input: $input) { cursor userErrors { code message } } }',
        { input: { ...next(), sourceId } },
      );
      return answer !== null;
    },
  };
}

/** Asks over connections that are kept. Resolves with null when the server is too busy, and fails on any other error. */
function askerOf(url: string): (query: string, variables: object) => Promise<unknown> {
  const agent = new Agent({ keepAlive: true });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_KEY}` };
  return (query, variables) =>
    new Promise((resolve, reject) => {
      const asking = request(url, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('end', () => {
          if (text.includes('TEMPORARILY_UNAVAILABLE')) resolve(null);
          else if (text.includes('"code"')) reject(new Error(text));
          else resolve((JSON.parse(text) as { readonly data: unknown }).data);
        });
      });
      asking.once('error', reject).end(JSON.stringify({ query, variables }));
    });
}
