import type { ServerResponse } from 'node:http';
import { sendError } from './answer.ts';
import { type AccountHolder, COST_OF_REQUEST } from './clients.ts';

/** Takes the cost of a request. Answers with 429 and returns true if the client has nothing left to spend. */
export function refuseSpent(response: ServerResponse, client: AccountHolder): boolean {
  const spent = client.refuse();
  if (spent === null) {
    client.pay(COST_OF_REQUEST);
    return false;
  }
  tellBudget(response, client);
  sendError(response, spent);
  return true;
}

/** Tells the client what it has left to spend. */
export function tellBudget(response: ServerResponse, client: AccountHolder): void {
  for (const [name, value] of Object.entries(client.headers)) response.setHeader(name, value);
}
