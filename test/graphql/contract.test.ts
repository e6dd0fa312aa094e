import {
  type DefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  parse,
  print,
  printSchema,
  type StringValueNode,
  visit,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { CONTRACT } from './contract.ts';

/** Everything that has a name, by its place (`Query.brand(slug:)`), with what it is: its kind, or its type and default. */
type Names = ReadonlyMap<string, string>;

const definitions = parse(CONTRACT).definitions;
const wanted = namesOf([...definitions, ...definitions.flatMap(inherited), ...connectionsIn(CONTRACT)]);
const document = parse(printSchema(schema));

test('the schema has every name of the contract, with its type and default', () => {
  const present = namesOf(document.definitions);
  expect(wanted.size).toBeGreaterThan(700);
  expect(Object.fromEntries([...wanted.keys()].map((name) => [name, present.get(name)]))).toEqual(
    Object.fromEntries(wanted),
  );
});

test('every type, field, argument and enum value has a description', () => {
  const described: string[] = [];
  const bare: string[] = [];
  visit(document, {
    enter: (node, _key, _parent, _path, ancestors) => {
      if (!('description' in node || node.kind.endsWith('Definition')) || !('name' in node)) return;
      const place = [...ancestors, node].flatMap((part) => ('name' in part && part.name ? part.name.value : []));
      const { description } = node as { description?: StringValueNode };
      (description === undefined || description.value.trim() === '' ? bare : described).push(place.join('.'));
    },
  });
  expect(described.length).toBeGreaterThan(700);
  expect(bare).toEqual([]);
});

function namesOf(nodes: readonly DefinitionNode[]): Names {
  return new Map(nodes.flatMap((node) => namesIn(node)));
}

function namesIn(node: DefinitionNode): readonly (readonly [string, string])[] {
  switch (node.kind) {
    case 'ScalarTypeDefinition':
      return [[node.name.value, 'scalar']];
    case 'EnumTypeDefinition':
      return [
        [node.name.value, 'enum'],
        ...(node.values ?? []).map(({ name }) => [`${node.name.value}.${name.value}`, 'value'] as const),
      ];
    case 'InputObjectTypeDefinition':
      return [
        [node.name.value, 'input'],
        ...(node.fields ?? []).map((field) => [`${node.name.value}.${field.name.value}`, typeOf(field)] as const),
      ];
    case 'ObjectTypeDefinition':
    case 'InterfaceTypeDefinition': {
      const type = node.name.value;
      return [
        [type, node.kind === 'ObjectTypeDefinition' ? 'type' : 'interface'],
        ...(node.interfaces ?? []).map(({ name }) => [`${type} implements ${name.value}`, ''] as const),
        ...(node.fields ?? []).flatMap((field) => fieldNames(type, field)),
      ];
    }
    default:
      return [];
  }
}

function fieldNames(type: string, field: FieldDefinitionNode): readonly (readonly [string, string])[] {
  const place = `${type}.${field.name.value}`;
  return [
    [place, print(field.type)],
    ...(field.arguments ?? []).map((argument) => [`${place}(${argument.name.value}:)`, typeOf(argument)] as const),
  ];
}

function typeOf({ type, defaultValue }: InputValueDefinitionNode): string {
  return defaultValue === undefined ? print(type) : `${print(type)} = ${print(defaultValue)}`;
}

/** The type with the fields of its interfaces added. */
function inherited(node: DefinitionNode): readonly DefinitionNode[] {
  if (node.kind !== 'ObjectTypeDefinition') return [];
  return (node.interfaces ?? []).map(({ name }) => {
    const from = definitions.find(
      (other) => other.kind === 'InterfaceTypeDefinition' && other.name.value === name.value,
    );
    return { ...node, fields: (from as typeof node).fields ?? [] };
  });
}

/** A Relay connection for each connection type in the fields of the contract. */
function connectionsIn(contract: string): readonly DefinitionNode[] {
  const names = new Set([...contract.matchAll(/: (\w+)Connection!/g)].map(([, name]) => name as string));
  return [...names].flatMap((name) => {
    const { definitions: own } = parse(`
      type ${name}Connection { edges: [${name}Edge!]! nodes: [${name}!]! pageInfo: PageInfo! totalCount: Int! }
      type ${name}Edge { cursor: String! node: ${name}! }
      type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }`);
    return own;
  });
}
