// A form for a body that a schema describes: texts, numbers, choices, instants, lists, and lists of
// objects as rows.
import { html } from '../core/html.js';
import { t } from '../core/text.js';
import { Icon } from '../parts/icon.js';
import { isPicked, nameBeside, Picker } from './picker.js';
import { label, nullable, toLocal, typeOf } from './schema.js';

/** @typedef {import('./schema.js').Schema} Schema */
/** known: what the service said of it. @typedef {{path: string, errors: Record<string, string>, known?: any, set: (value: any) => void}} Place */

/** @type {(s: Schema, text: string) => any} */
function parse(s, text) {
	if (text === '')
		return nullable(s) ? null : undefined;
	const type = typeOf(s);
	if (type === 'integer')
		return Number.isNaN(Number(text)) ? text : Number(text);
	return s.format === 'date-time' ? new Date(text).toISOString() : text;
}

/** @type {(s: Schema, value: any, place: Place, id: string) => any} */
function control(s, value, place, id) {
	const type = typeOf(s);
	const error = place.errors[place.path];
	const change = (/** @type {any} */ e) => place.set(parse(s, e.target.value));
	const more = { id, name: place.path, 'aria-invalid': error ? 'true' : null };
	if (type === 'enum')
		return html`<span class="select"><select ...${more} onChange=${change}>${[...(value === undefined || value === null || nullable(s) ? [''] : []), .../** @type {string[]} */ (s.enum)].map((o) => html`<option value=${o} selected=${o === (value ?? '')}>${o || '–'}</option>`)}</select></span>`;
	if (type === 'integer' && isPicked(place.path.split('.').at(-1) || ''))
		return html`<${Picker} id=${id} name=${place.path} kind=${place.path.split('.').at(-1)} value=${value} shown=${place.known?.[nameBeside[place.path]]} invalid=${!!error} onPick=${(/** @type {number | null} */ n) => place.set(n ?? (nullable(s) ? null : undefined))} />`;
	if (type === 'integer')
		return html`<input ...${more} type="number" step="1" min=${s.minimum} max=${s.maximum} value=${value ?? ''} onInput=${change} />`;
	if (s.format === 'date-time')
		return html`<input ...${more} type="datetime-local" value=${toLocal(value)} onChange=${change} />`;
	if (s.format === 'date')
		return html`<input ...${more} type="date" value=${value ?? ''} onChange=${change} />`;
	if ((s.maxLength || 0) > 1000 && s.maxLength !== undefined && !/password/.test(id))
		return html`<textarea ...${more} maxlength=${s.maxLength} value=${value ?? ''} onInput=${change}></textarea>`;
	return html`<input ...${more} type=${/password/.test(id) ? 'password' : 'text'} autocomplete=${/password/.test(id) ? 'new-password' : 'off'} maxlength=${s.maxLength} value=${value ?? ''} onInput=${change} />`;
}

/** @type {(s: Schema, value: any, place: Place) => any} */
function rows(s, value, place) {
	const of = /** @type {Schema} */ (s.items);
	const list = value || [];
	/** @type {(i: number) => Place} */
	const at = (i) => ({ ...place, path: `${place.path}.${i}`, set: (v) => place.set(list.map((/** @type {any} */ x, /** @type {number} */ n) => n === i ? v : x)) });
	return html`<div class="rows">${list.map((/** @type {any} */ v, /** @type {number} */ i) => html`<div class="row-of" key=${i}>${Members(of, v, at(i))}
		<button type="button" class="round" aria-label=${t('delete')} onClick=${() => place.set(list.filter((/** @type {any} */ _, /** @type {number} */ n) => n !== i))}><${Icon} name="trash" /></button></div>`)}
		<button type="button" onClick=${() => place.set([...list, {}])}><${Icon} name="plus" />${t('admin.add')}</button></div>`;
}

/** @type {(name: string, s: Schema, value: any, place: Place, needed: boolean) => any} */
function field(name, s, value, place, needed) {
	const type = typeOf(s);
	const id = `f-${place.path.replace(/\./g, '-')}`;
	const error = place.errors[place.path];
	const note = error ? html`<p class="bad small">${error}</p>` : s.description ? html`<p class="quiet small">${s.description}</p>` : null;
	if (type === 'boolean')
		return html`<div class="field" key=${name}><label class="tick"><input type="checkbox" checked=${!!value} onChange=${(/** @type {any} */ e) => place.set(e.target.checked)} />${label(name)}</label>${note}</div>`;
	if (type === 'object')
		return html`<fieldset class="field" key=${name}><legend>${label(name)}</legend>${Members(s, value || {}, place)}</fieldset>`;
	if (type === 'array' && typeOf(/** @type {Schema} */ (s.items)) === 'object')
		return html`<fieldset class="field broad" key=${name}><legend>${label(name)}</legend>${rows(s, value, place)}${note}</fieldset>`;
	if (type === 'array')
		return html`<div class="field" key=${name}><label for=${id}>${label(name)}</label><input id=${id} name=${place.path} value=${(value || []).join(', ')} aria-invalid=${error ? 'true' : null}
			onChange=${(/** @type {any} */ e) => {
		const items = e.target.value.split(',').map((/** @type {string} */ x) => x.trim()).filter(Boolean);
		place.set(items.length || !nullable(s) ? items : null);
	}} />${note || html`<p class="quiet small">${t('admin.commas')}</p>`}</div>`;
	return html`<div class=${(s.maxLength || 0) > 1000 ? 'field broad' : 'field'} key=${name}><label for=${id}>${label(name)}${needed ? ' *' : ''}</label>${control(s, value, place, id)}${note}</div>`;
}

/** All members of an object. @type {(s: Schema, value: any, place: Place) => any} */
export function Members(s, value, place) {
	return Object.entries(s.properties || {}).map(([name, of]) => field(name, of, value?.[name], {
		...place, path: place.path ? `${place.path}.${name}` : name,
		set: (v) => place.set({ ...value, [name]: v }),
	}, (s.required || []).includes(name)));
}
