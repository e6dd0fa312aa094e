import { FAVICON } from './logo.ts';

/** The page at / until there is a dashboard: what Milepost is, and a link to GraphiQL. */
export const INDEX_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Milepost</title>
<link rel="icon" href="${FAVICON}">
<style>
  :root { color-scheme: light dark; }
  body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 12vh auto; padding: 0 1.5rem; }
  h1 { font-size: 2.2rem; margin-bottom: 0; }
  a.button { display: inline-block; margin: 1rem 0; padding: .6rem 1.2rem; border-radius: .5rem; background: #0b6bcb; color: #fff; text-decoration: none; }
  code { font-size: .95em; }
</style>
</head>
<body>
<h1>Milepost</h1>
<p>What new-energy-vehicle makers delivered and produced, who said so, and what was restated, as a GraphQL API that pushes every change.</p>
<p><a class="button" href="/graphql">Open GraphiQL</a></p>
<p>Queries and mutations go to <code>/graphql</code> over HTTP, subscriptions over WebSocket (<code>graphql-transport-ws</code>) or server-sent events at the same address. Health: <a href="/livez">/livez</a>, <a href="/readyz">/readyz</a>.</p>
</body>
</html>
`;
