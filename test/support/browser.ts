import { type Browser, chromium, type Page, type Response } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
/** Without these the browser would make requests of its own. */
const QUIET = ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Starts the Chromium of the system, without a window. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...QUIET],
  });
}

/**
 * Collects requests to other hosts than the one of the origin, failed requests, errors that the console shows, and thrown ones. That a server on
 * a busy machine says when to ask again is none: what the page is to show, it shows later.
 */
export function watchPage(watched: Page, origin: string): string[] {
  const found: string[] = [];
  const check = (url: string): void => {
    const { protocol, host } = new URL(url);
    if (protocol !== 'blob:' && protocol !== 'data:' && host !== new URL(origin).host) found.push(url);
  };
  watched.on('request', (request) => check(request.url()));
  watched.on('websocket', (socket) => check(socket.url()));
  watched.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // The page itself gave up what it no longer needs.
    if (reason !== 'net::ERR_ABORTED') found.push(`${request.url()}: ${reason}`);
  });
  watched.on('response', (response) => {
    if (response.status() >= 400 && !isLater(response)) found.push(`${response.url()}: ${response.status()}`);
  });
  watched.on('console', (message) => {
    if (message.text().includes('the server responded with a status of 503')) return;
    if (message.type() === 'error' || message.type() === 'warning') found.push(message.text());
  });
  watched.on('pageerror', (error) => found.push(error.message));
  return found;
}

function isLater(response: Response): boolean {
  return response.status() === 503 && response.headers()['retry-after'] !== undefined;
}
