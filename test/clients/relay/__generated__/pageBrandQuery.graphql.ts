/**
 * @generated SignedSource<<96bc61b188b26a584fdc69f9b8125836>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type pageBrandQuery$variables = {
  id: string;
  period?: any | null | undefined;
};
export type pageBrandQuery$data = {
  readonly node: {
    readonly " $fragmentSpreads": FragmentRefs<"page_brand">;
  } | null | undefined;
};
export type pageBrandQuery = {
  response: pageBrandQuery$data;
  variables: pageBrandQuery$variables;
};

const node: ConcreteRequest = (function(){
var v0 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "id"
},
v1 = {
  "defaultValue": "2025-Q1",
  "kind": "LocalArgument",
  "name": "period"
},
v2 = [
  {
    "kind": "Variable",
    "name": "id",
    "variableName": "id"
  }
],
v3 = [
  {
    "kind": "Variable",
    "name": "period",
    "variableName": "period"
  }
],
v4 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "id",
  "storageKey": null
};
return {
  "fragment": {
    "argumentDefinitions": [
      (v0/*:: as any*/),
      (v1/*:: as any*/)
    ],
    "kind": "Fragment",
    "metadata": null,
    "name": "pageBrandQuery",
    "selections": [
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": null,
        "kind": "LinkedField",
        "name": "node",
        "plural": false,
        "selections": [
          {
            "args": (v3/*:: as any*/),
            "kind": "FragmentSpread",
            "name": "page_brand"
          }
        ],
        "storageKey": null
      }
    ],
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [
      (v1/*:: as any*/),
      (v0/*:: as any*/)
    ],
    "kind": "Operation",
    "name": "pageBrandQuery",
    "selections": [
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": null,
        "kind": "LinkedField",
        "name": "node",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "__typename",
            "storageKey": null
          },
          (v4/*:: as any*/),
          {
            "kind": "InlineFragment",
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
                "args": (v3/*:: as any*/),
                "concreteType": "Observation",
                "kind": "LinkedField",
                "name": "observation",
                "plural": false,
                "selections": [
                  (v4/*:: as any*/),
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
              }
            ],
            "type": "Brand",
            "abstractKey": null
          }
        ],
        "storageKey": null
      }
    ]
  },
  "params": {
    "cacheID": "44824979c94ff5605b81f1c25b969cbc",
    "id": null,
    "metadata": {},
    "name": "pageBrandQuery",
    "operationKind": "query",
    "text": "query pageBrandQuery(\n  $period: Period = \"2025-Q1\"\n  $id: ID!\n) {\n  node(id: $id) {\n    __typename\n    ...page_brand_pb5Z3\n    id\n  }\n}\n\nfragment page_brand_pb5Z3 on Brand {\n  name\n  observation(period: $period) {\n    id\n    period\n    value\n    lower\n  }\n  id\n}\n"
  }
};
})();

(node as any).hash = "1f93209be59fd6c9c4ff2c3faef6911f";

export default node;
