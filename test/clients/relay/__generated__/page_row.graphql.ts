/**
 * @generated SignedSource<<faac7a886eb651d4a7ceb17e1cb9e223>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ReaderFragment } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type page_row$data = {
  readonly slug: string;
  readonly " $fragmentType": "page_row";
};
export type page_row$key = {
  readonly " $data"?: page_row$data;
  readonly " $fragmentSpreads": FragmentRefs<"page_row">;
};

const node: ReaderFragment = {
  "argumentDefinitions": [],
  "kind": "Fragment",
  "metadata": null,
  "name": "page_row",
  "selections": [
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "slug",
      "storageKey": null
    }
  ],
  "type": "Brand",
  "abstractKey": null
};

(node as any).hash = "7d3f0b62ce60f5fadf2a98a0b55c2785";

export default node;
