// Reads an OpenAPI description on standard input; says what is wrong with it by the schema of its version.
import { Validator } from "@seriousme/openapi-schema-validator";

let text = "";
for await (const part of process.stdin) text += part;
const validator = new Validator();
const result = await validator.validate(JSON.parse(text));
if (!result.valid) {
  console.error(JSON.stringify(result.errors, null, 1));
  process.exit(1);
}
console.log(validator.version);
