// The API's document by a validator of OpenAPI: openapi.mjs DIRECTORY-OF-NODE_MODULES FILE
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , modules, file] = process.argv;
const path = createRequire(`${modules}/`).resolve('@seriousme/openapi-schema-validator');
const { Validator } = await import(pathToFileURL(path).href);
const validator = new Validator();
const result = await validator.validate(JSON.parse(readFileSync(file, 'utf8')));
console.log(result.valid ? `valid ${validator.version}` : JSON.stringify(result.errors, null, '\t'));
