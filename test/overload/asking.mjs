import { Agent, request } from 'node:http';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks a server, in a process of its own with the least priority: on a machine of two cores the server, its database and whoever waits for
 * pushes come first. Without a rate each of the clients asks again as soon as it is answered; with one they ask so often in a second
 * altogether, whether or not answers come. Prints what came.
 */
const [port, milliseconds, clients, perSecond] = process.argv.slice(2).map(Number);
setPriority(19);
// Each client has an address of its own: every address of 127.0.0.0/8 is this machine.
const agents = Array.from({ length: clients }, () => new Agent({ keepAlive: true, maxSockets: 200 }));
const began = performance.now();
const counts = {};
let asked = 0;

/** Asks what nobody has asked, and what takes some milliseconds. */
function ask(client) {
  asked += 1;
  const query = `{ a${process.pid}x${asked}: figures(first: 40, orderBy: VALUE_DESC) { nodes { id value period subject { slug name } source { title publisher { name } } } } }`;
  const body = JSON.stringify({ query });
  return new Promise((resolve) => {
    const count = (status, retryAfter) => {
      const name = `${status} ${retryAfter ?? '-'}`;
      counts[name] = (counts[name] ?? 0) + 1;
      resolve();
    };
    const sent = request(
      {
        ...{ port, agent: agents[client], host: '127.0.0.1', localAddress: `127.0.2.${client + 1}` },
        ...{ path: '/graphql', method: 'POST' },
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(30_000),
      },
      (response) => {
        response.resume();
        response.on('end', () => count(response.statusCode, response.headers['retry-after']));
        response.on('error', () => count('broken'));
      },
    );
    sent.on('error', ({ name, code }) => count(`broken by ${code ?? name}`));
    sent.end(body);
  });
}

const isOver = () => performance.now() - began >= milliseconds;
if (Number.isNaN(perSecond ?? Number.NaN)) {
  const goOn = async (client) => {
    while (!isOver()) await ask(client);
  };
  await Promise.all(agents.map((_agent, client) => goOn(client)));
} else {
  const answers = [];
  while (!isOver()) {
    const due = ((performance.now() - began) / 1_000) * perSecond;
    while (answers.length < due) answers.push(ask(answers.length % clients));
    await sleep(10);
  }
  await Promise.all(answers);
}
process.stdout.write(JSON.stringify({ asked, counts }));
process.exit();
