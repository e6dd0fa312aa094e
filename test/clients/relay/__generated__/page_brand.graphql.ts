/**
 * @generated SignedSource<<8a1c9ab8c3805484ff53f205106eafdc>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ReaderFragment } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type page_brand$data = {
  readonly id: string;
  readonly name: string;
  readonly observation: {
    readonly id: string;
    readonly lower: number | null | undefined;
    readonly period: any;
    readonly value: number | null | undefined;
  } | null | undefined;
  readonly " $fragmentType": "page_brand";
};
export type page_brand$key = {
  readonly " $data"?: page_brand$data;
  readonly " $fragmentSpreads": FragmentRefs<"page_brand">;
};

import pageBrandQuery_graphql from './pageBrandQuery.graphql';

const node: ReaderFragment = (function(){
var v0 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "id",
  "storageKey": null
};
return {
  "argumentDefinitions": [
    {
      "defaultValue": "2025-Q1",
      "kind": "LocalArgument",
      "name": "period"
    }
  ],
  "kind": "Fragment",
  "metadata": {
    "refetch": {
      "connection": null,
      "fragmentPathInResult": [
        "node"
      ],
      "operation": pageBrandQuery_graphql,
      "identifierInfo": {
        "identifierField": "id",
        "identifierQueryVariableName": "id"
      }
    }
  },
  "name": "page_brand",
  "selections": [
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "name",
      "storageKey": null
    },
    {
      "alias": null,
      "args": [
        {
          "kind": "Variable",
          "name": "period",
          "variableName": "period"
        }
      ],
      "concreteType": "Observation",
      "kind": "LinkedField",
      "name": "observation",
      "plural": false,
      "selections": [
        (v0/*:: as any*/),
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "period",
          "storageKey": null
        },
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "value",
          "storageKey": null
        },
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "lower",
          "storageKey": null
        }
      ],
      "storageKey": null
    },
    (v0/*:: as any*/)
  ],
  "type": "Brand",
  "abstractKey": null
};
})();

(node as any).hash = "1f93209be59fd6c9c4ff2c3faef6911f";

export default node;
