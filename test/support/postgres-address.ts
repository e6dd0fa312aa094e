import type { Template } from './provided.ts';

/** The name of a template database on the server. */
export function templateName(template: Template): string {
  return template === 'empty' ? 'template1' : `milepost_${template === 'migrated' ? 'template' : template}`;
}

/** The address of another database on the same server. */
export function databaseAddress(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
