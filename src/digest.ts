import { createHash } from 'node:crypto';

const PREFIX = 'sha256:';

/** The identifier of a document that follows from its text, as the draft on persisted documents has it. */
export function documentIdOf(text: string): string {
  return `${PREFIX}${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}

/** Whether an identifier says that it follows from the text. */
export function isDigest(id: string): boolean {
  return id.startsWith(PREFIX);
}
