import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** The linter's own file: what may be imported from outside a folder, by the paths in the imports. */
interface LinterRules {
  readonly overrides: readonly {
    readonly includes: readonly string[];
    readonly linter: {
      readonly rules: {
        readonly style: {
          readonly noRestrictedImports: {
            readonly options: { readonly patterns: readonly { readonly group: readonly string[] }[] };
          };
        };
      };
    };
  }[];
}

/** The files that a rule is about, and what they may import besides each other; a path that ends in a double star is a folder. */
export interface ImportRule {
  readonly of: string;
  readonly mayImport: readonly string[];
}

/** Reads import-rules.json, with all paths from the root of the project. */
export function readImportRules(): readonly ImportRule[] {
  const text = readFileSync(new URL('../../import-rules.json', import.meta.url), 'utf8');
  const { overrides } = JSON.parse(text) as LinterRules;
  return overrides.flatMap(({ includes, linter }) =>
    includes.map((of) => ({
      of,
      mayImport: linter.rules.style.noRestrictedImports.options.patterns.flatMap(({ group }) =>
        group
          .filter((path) => path.startsWith('!'))
          .map((path) => posix.join(posix.dirname(of.replace('/**', '/any.ts')), path.slice(1))),
      ),
    })),
  );
}
