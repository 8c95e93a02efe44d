import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, linkOf } from "../../extension/lib/address.js";
import { localAnswer } from "../../extension/lib/answer.js";
import { guidanceLink, guidanceOf } from "../../extension/lib/view.js";
import { disagreements } from "./agree.js";
import { list, readBuilt, texts } from "./world.js";

const vectors = readBuilt("vectors.json");

test("the extension and the Python core give the same answer to every vector", () => {
  const found = disagreements(vectors, { addressOf, linkOf, list, texts, localAnswer, guidanceLink, guidanceOf });
  assert.equal(found.length, 0, `${found.length} of ${vectors.length}\n${found.slice(0, 5).join("\n")}`);
});

test("the vectors reach every kind of answer the list can give", () => {
  const kinds = new Set(vectors.flatMap(({ answer }) => (answer ? [answer.verdict, ...answer.reasons.map(({ code }) => code), ...answer.notes.map(({ code }) => code)] : ["unlisted"])));
  for (const kind of ["verified", "unlisted", "credentials-in-address", "not-https", "unusual-port", "listing-overdue", "retired-portal", "clinic-not-identified", "shared-by-organizations", "carries-another-address"]) {
    assert.equal(kinds.has(kind), true, kind);
  }
});
