/** The endpoint of the API, on the host that serves the page. */
export const ENDPOINT = new URL('/graphql', location.href).href;
export const SOCKET = ENDPOINT.replace(/^http/, 'ws');
