import {
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** What a type says of its values, told apart once instead of for each value. */
export type Shape = { readonly isRequired: boolean } & (
  | { readonly kind: 'list'; readonly items: Shape }
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType }
  | { readonly kind: 'abstract'; readonly type: GraphQLAbstractType }
);

const shapes = new WeakMap<GraphQLOutputType, Shape>();

/** The shape of a type. */
export function shapeOf(type: GraphQLOutputType): Shape {
  const known = shapes.get(type);
  if (known !== undefined) return known;
  const shape = isNonNullType(type) ? { ...shapeOf(type.ofType), isRequired: true } : nullableShape(type);
  shapes.set(type, shape);
  return shape;
}

function nullableShape(type: GraphQLOutputType): Shape {
  if (isListType(type)) return { isRequired: false, kind: 'list', items: shapeOf(type.ofType) };
  if (isLeafType(type)) return { isRequired: false, kind: 'leaf', type };
  if (isObjectType(type)) return { isRequired: false, kind: 'object', type };
  return { isRequired: false, kind: 'abstract', type: type as GraphQLAbstractType };
}
