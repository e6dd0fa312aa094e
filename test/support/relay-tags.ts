import { basename } from 'node:path';

const TAG = /graphql`\s*(?:query|fragment|subscription|mutation)\s+(\w+)[^`]*`/g;

/** Replaces each operation in the code of Relay's pages by what the compiler has made of it, as Relay's own plugin for Babel does. */
export function relayTags() {
  return {
    name: 'relay-tags',
    enforce: 'pre' as const,
    transform: (code: string, id: string) => {
      if (!basename(id).endsWith('.tsx') || !code.includes('graphql`')) return undefined;
      const names = [...code.matchAll(TAG)].map(([, name]) => name);
      const imports = names.map((name) => `import ${name}_made from './__generated__/${name}.graphql.ts';`);
      // On the first line, so that the lines stay as they are.
      return { code: `${imports.join(' ')} ${code.replaceAll(TAG, '$1_made')}`, map: null };
    },
  };
}
