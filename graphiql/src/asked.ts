/** An operation as an address has it. */
export interface Asked {
  readonly query: string;
  readonly variables: string;
}

/** The operation in the search part of an address, null for none. Its variables are laid out to be read. */
export function operationOf(search: string): Asked | null {
  const params = new URLSearchParams(search);
  const query = params.get('query') ?? '';
  return query.trim() === '' ? null : { query, variables: indent(params.get('variables') ?? '') };
}

function indent(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    // As it was written: the editor of the variables marks what is wrong with it.
    return json;
  }
}
