// What can be edited, and how, from the service's own description: /openapi.json.
import * as api from '../core/api.js';
import { has, t } from '../core/text.js';

/** @typedef {{type?: string | string[], enum?: string[], format?: string, properties?: Record<string, Schema>, items?: Schema, required?: string[], description?: string, maxLength?: number, minimum?: number, maximum?: number}} Schema */

/** @type {Promise<any> | null} */
let asked = null;

function description() {
	asked ??= api.get('/openapi.json', {}, { timeout: 20000 }).catch((cause) => {
		asked = null;
		throw cause;
	});
	return asked;
}

/** The body that a request takes; null when the service has no such request. @type {(path: string, method: string) => Promise<Schema | null>} */
export async function bodyOf(path, method) {
	const all = await description();
	return all.paths[path]?.[method]?.requestBody?.content['application/json']?.schema || null;
}

/** @param {Schema} s */
export function typeOf(s) {
	const type = Array.isArray(s.type) ? s.type.find((x) => x !== 'null') : s.type;
	return s.enum ? 'enum' : type || 'string';
}

/** @param {Schema} s */
export const nullable = (s) => Array.isArray(s.type) && s.type.includes('null');

/** A member's name for people. @param {string} name */
export function label(name) {
	if (has(`f.${name}`))
		return t(`f.${name}`);
	const words = name.replace(/_/g, ' ');
	return words[0].toUpperCase() + words.slice(1);
}

/** An instant as the field for it takes it, in the viewer's zone. @param {string | null | undefined} at */
export function toLocal(at) {
	if (!at)
		return '';
	const d = new Date(at);
	return new Date(d.getTime() - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/** What a body has of what was read: members that the request does not know are dropped. @type {(s: Schema, value: any) => any} */
export function fitting(s, value) {
	const type = typeOf(s);
	if (type === 'object' && value && s.properties) {
		const members = Object.entries(s.properties).filter(([name]) => value[name] !== undefined)
			.map(([name, of]) => [name, fitting(of, value[name])])
			.filter(([name, v]) => v !== null || nullable(/** @type {any} */ (s.properties)[/** @type {string} */ (name)]));
		return members.length ? Object.fromEntries(members) : null;
	}
	if (type === 'array' && Array.isArray(value) && s.items)
		return value.map((v) => fitting(/** @type {Schema} */ (s.items), v));
	return value;
}
