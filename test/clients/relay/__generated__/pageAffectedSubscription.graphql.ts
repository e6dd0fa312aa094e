/**
 * @generated SignedSource<<a81c6c6e4d6115194e05f029df01a5bb>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
export type pageAffectedSubscription$variables = {
  after?: any | null | undefined;
};
export type pageAffectedSubscription$data = {
  readonly figureRecorded: {
    readonly affected: ReadonlyArray<{
      readonly id: string;
      readonly lower: number | null | undefined;
      readonly value: number | null | undefined;
    }>;
  };
};
export type pageAffectedSubscription = {
  response: pageAffectedSubscription$data;
  variables: pageAffectedSubscription$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "after"
  }
],
v1 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "after",
        "variableName": "after"
      }
    ],
    "concreteType": "FigureChange",
    "kind": "LinkedField",
    "name": "figureRecorded",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "concreteType": "Observation",
        "kind": "LinkedField",
        "name": "affected",
        "plural": true,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "id",
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
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "pageAffectedSubscription",
    "selections": (v1/*:: as any*/),
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "pageAffectedSubscription",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "64025325950d25053d1b8b7031d2ed02",
    "id": null,
    "metadata": {},
    "name": "pageAffectedSubscription",
    "operationKind": "subscription",
    "text": "subscription pageAffectedSubscription(\n  $after: Cursor\n) {\n  figureRecorded(after: $after) {\n    affected {\n      id\n      value\n      lower\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "d987e2ee476515c6124d3804cd2852fd";

export default node;
