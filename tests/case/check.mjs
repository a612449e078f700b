// check.mjs ONTOLOGY.ttl < case.jsonld: is the graph one of CASE 1.4? Says each violation; exit status 1 then.
// Nothing is fetched: the context stands in the document, the ontology is a file.
import fs from "node:fs";
import jsonld from "jsonld";
import rdf from "@rdfjs/dataset";
import { Parser, DataFactory } from "n3";
import Validator from "rdf-validate-shacl";

const SH = "http://www.w3.org/ns/shacl#", RDFS = "http://www.w3.org/2000/01/rdf-schema#";
const TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", OWL = "http://www.w3.org/2002/07/owl#";
const parse = (text, format) => new Parser({ format }).parse(text);
const stdin = fs.readFileSync(0, "utf8");
const ontology = parse(fs.readFileSync(process.argv[2], "utf8"), "text/turtle");
const document = JSON.parse(stdin);
const fetchNothing = (url) => { throw new Error("it wants to fetch " + url); };
const quads = parse(await jsonld.toRDF(document, { format: "application/n-quads", documentLoader: fetchNothing }), "N-Quads");
const faults = [];

// A name that the ontology does not know is ignored by every shape: so it is a fault here.
const known = new Set(ontology.map((q) => q.subject.value));
const ours = (iri) => /caseontology\.org|unifiedcyberontology\.org/.test(iri);
for (const q of quads) {
  for (const term of [q.predicate, q.predicate.value === TYPE ? q.object : null])
    if (term && ours(term.value) && !known.has(term.value)) faults.push("unknown to CASE 1.4: " + term.value);
}

// Subclasses by the ontology: the shapes speak of UcoObject, the data of File.
const parents = new Map();
for (const q of ontology)
  if (q.predicate.value === RDFS + "subClassOf" && q.object.termType === "NamedNode")
    parents.set(q.subject.value, [...(parents.get(q.subject.value) ?? []), q.object.value]);
// The classes of the ontology are given to each node below, so its own nodes need not be checked again.
const data = rdf.dataset(quads);
const grown = (cls, seen = new Set()) => {
  for (const p of parents.get(cls) ?? []) if (!seen.has(p)) { seen.add(p); grown(p, seen); }
  return seen;
};
for (const q of quads)
  if (q.predicate.value === TYPE)
    for (const c of grown(q.object.value)) data.add(DataFactory.quad(q.subject, q.predicate, DataFactory.namedNode(c)));

// JavaScript engines do not know sh:sparql; those few shapes are about types, UUIDs in names and owl.
// The one file holds all that it imports.
const left = [SH + "sparql", OWL + "imports"];
const shapes = rdf.dataset(ontology.filter((q) => !left.includes(q.predicate.value)));
const report = await new Validator(shapes).validate(data);
const mine = new Set(quads.map((q) => q.subject.value));
for (const r of report.results) {
  const severity = (r.severity?.value ?? "").replace(SH, "");
  if (severity === "Info" || !mine.has(r.focusNode?.value)) continue;
  faults.push(`${severity} ${r.focusNode?.value} ${r.path?.value ?? ""} ${r.message.map((m) => m.value).join("; ")}`);
}
const classes = new Set(quads.filter((q) => q.predicate.value === TYPE).map((q) => q.object.value.split("/").pop()));
for (const f of faults.slice(0, 20)) console.error(f);
console.log(JSON.stringify({ faults: faults.length, quads: quads.length, classes: [...classes].sort() }));
process.exit(faults.length ? 1 : 0);
