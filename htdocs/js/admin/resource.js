// A kind of thing that administrators keep: its list, and one of it.
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue';
import { RouterLink, onBeforeRouteLeave, onBeforeRouteUpdate, useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { moment, money } from '../core/format.js';
import { html } from '../core/html.js';
import { forgetLists, useList } from '../core/lists.js';
import { useAct, useLoad } from '../core/load.js';
import { useHere } from '../core/router.js';
import { session } from '../core/session.js';
import { has, t } from '../core/text.js';
import { sure } from '../parts/confirm.js';
import { Empty, explain, Failed, Skeleton } from '../parts/states.js';
import { say } from '../parts/toast.js';
import { Members } from './fields.js';
import { nameBeside } from './picker.js';
import { bodyOf, fitting, label } from './schema.js';

/**
 * @typedef {object} Kind
 * @property {string} part name in the address
 * @property {string} path of the service
 * @property {string[]} columns
 * @property {string[]} [filters] query parameters that the address may carry
 * @property {string} [search] the parameter of a search
 * @property {string} [make] another path to make one with; empty: they are not made here
 * @property {(row: any) => any} [more] further things for a row
 */

/** @param {any} value */
export function shown(value) {
	if (value === null || value === undefined)
		return '';
	if (typeof value === 'object' && 'amount' in value)
		return value.currency ? money(value) : '';
	if (typeof value === 'object' && 'title' in value)
		return value.title || '';
	if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value))
		return moment(value);
	if (typeof value === 'boolean')
		return value ? '✓' : '';
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const GOOD = ['published', 'active', 'paid'];
const BAD = ['suspended', 'refunded', 'declined', 'failed'];

/** A cell: words that a state is one of as such. @type {(column: string, value: any) => any} */
function cell(column, value) {
	if (typeof value !== 'string' || !['state', 'status'].includes(column))
		return has(`v.${value}`) ? t(`v.${value}`) : shown(value);
	return html`<span class=${['tag', GOOD.includes(value) ? 'good' : BAD.includes(value) ? 'bad' : '']}>${has(`v.${value}`) ? t(`v.${value}`) : value}</span>`;
}

/** @type {(columns: string[], items: any[], to: (row: any) => any, more?: (row: any) => any) => any} */
export function Table(columns, items, to, more) {
	const last = more ? html`<th><span class="hide">${t('admin.more')}</span></th>` : null;
	return html`<div class="table" tabindex="0" role="region" aria-label=${t('admin.table')}><table><thead><tr>${columns.map((c) => html`<th scope="col">${label(c)}</th>`)}${last}</tr></thead>
		<tbody>${items.map((row) => html`<tr key=${row.id}>${columns.map((c, i) => html`<td>${i === 0 && to(row) ? html`<${RouterLink} to=${to(row)}>${cell(c, row[c]) || '–'}<//>` : cell(c, row[c])}</td>`)}${more ? html`<td>${more(row)}</td>` : null}</tr>`)}</tbody></table></div>`;
}

const List = {
	props: ['kind'],
	/** @param {{kind: Kind}} props */
	setup(props) {
		const route = useRoute();
		const router = useRouter();
		const { kind } = props;
		const query = computed(() => Object.fromEntries([...(kind.filters || []), ...(kind.search ? [kind.search] : [])].map((f) => [f, route.query[f] ? String(route.query[f]) : undefined])));
		forgetLists(`admin ${kind.path}`);
		const list = computed(() => useList(`admin ${kind.path} ${JSON.stringify(query.value)}`, (cursor) => api.get(kind.path, { ...query.value, limit: 50, cursor })));
		const asked = () => kind.search && query.value[kind.search] || '';
		const find = ref(asked());
		watch(asked, (q) => { find.value = q; });
		const to = (/** @type {any} */ row) => ({ name: 'admin', params: { part: kind.part, id: row.id }, query: route.query });

		return () => {
			const { items, state, problem, more } = list.value;
			return html`<div class="admin-head"><h1>${t(`admin.${kind.part}`)}</h1><span class="grow"></span>
				${kind.search ? html`<form role="search" onSubmit=${(/** @type {any} */ e) => {
		e.preventDefault();
		router.replace({ query: { ...route.query, [/** @type {string} */ (kind.search)]: find.value || undefined } });
	}}><input type="search" name="find" aria-label=${t('nav.search')} placeholder=${t('nav.search')} value=${find.value} onInput=${(/** @type {any} */ e) => { find.value = e.target.value; }} /></form>` : null}
				${kind.make === '' ? null : html`<${RouterLink} class="button" to=${{ name: 'admin', params: { part: kind.part, id: 'new' }, query: route.query }}>${t('admin.new')}<//>`}</div>
				${items.value.length ? Table(kind.columns, items.value, to, kind.more) : null}
				${state.value === 'loading' ? html`<${Skeleton} shape="rows" n=${4} />` : null}
				${state.value === 'failed' ? html`<${Failed} problem=${problem.value} onRetry=${more} />` : null}
				${state.value === 'done' && !items.value.length ? html`<${Empty} title=${t('state.empty')} />` : null}
				${state.value === 'idle' ? html`<p class="row"><button type="button" onClick=${more}>${t('more')}</button></p>` : null}`;
		};
	},
};

/** What is said of it and not edited; who or what by name, not by number as well. @type {(kept: any, edited: any) => [string, any][]} */
function factsOf(kept, edited) {
	const numbers = Object.entries(nameBeside).filter(([number, name]) => number in edited || kept[name]);
	const known = new Set(numbers.map(([number, name]) => number in edited ? name : number));
	return Object.entries(kept).filter(([k, v]) => !(k in edited) && !known.has(k) && (typeof v !== 'object' || v?.title || v?.currency));
}

/** @param {any} body @returns {string | undefined} */
const nameOf = (body) => body.title || body.name || body.email;

/** Asks before what is not saved is left, for another page or by the browser itself; not who was signed out and has no choice. @param {() => boolean} unsaved */
function useGuard(unsaved) {
	const ask = async () => session.state !== 'in' || !unsaved() || sure(t('admin.unsaved'), t('admin.discard'));
	const warn = (/** @type {Event} */ event) => { if (unsaved()) event.preventDefault(); };
	onBeforeRouteLeave(ask);
	onBeforeRouteUpdate(ask);
	onMounted(() => addEventListener('beforeunload', warn));
	onBeforeUnmount(() => removeEventListener('beforeunload', warn));
}

const Editor = {
	props: ['kind', 'id'],
	/** @param {{kind: Kind, id: string}} props */
	setup(props) {
		const route = useRoute();
		const router = useRouter();
		const { kind, id } = props;
		const fresh = id === 'new';
		const value = shallowRef(/** @type {any} */ (null));
		const problem = shallowRef(/** @type {any} */ (null));
		const busy = ref(false);
		const here = useHere();
		/** As it was loaded, or saved. */
		let kept = '';
		useGuard(() => value.value && JSON.stringify(value.value) !== kept);

		/** @param {any} to */
		function begin(to) {
			[value.value, kept, problem.value] = [to, JSON.stringify(to), null];
		}

		/** To the list, with nothing left to be saved; not from where somebody went meanwhile. */
		function leave() {
			begin(value.value);
			if (here())
				router.push({ name: 'admin', params: { part: kind.part }, query: route.query });
		}

		const { data, problem: failed, load } = useLoad(async () => {
			const schema = await bodyOf(fresh ? kind.make || kind.path : `${kind.path}/{id}`, fresh ? 'post' : 'put');
			return { schema, ...(fresh ? { body: null, etag: null } : await api.ask('GET', `${kind.path}/${id}`)) };
		}, ({ schema, body }) => begin(fresh ? startValues(schema) : schema ? fitting(schema, body) : {}));
		/** A change is of what was loaded. @type {() => {headers: Record<string, string>}} */
		const unchanged = () => ({ headers: data.value.etag ? { 'If-Match': data.value.etag } : {} });

		/** What the address says of a new one: an episode's season, a rule's title. @param {any} schema */
		function startValues(schema) {
			const known = Object.keys(schema?.properties || {});
			return Object.fromEntries(Object.entries(route.query).map(([k, v]) => [known.includes(k) ? k : `${k}_id`, Number(v) || v]).filter(([k]) => known.includes(String(k))));
		}
		onMounted(load);

		/** @param {Event} event */
		async function save(event) {
			event.preventDefault();
			if (busy.value)
				return;
			busy.value = true;
			problem.value = null;
			try {
				if (fresh)
					await api.post(kind.make || kind.path, value.value);
				else
					await api.put(`${kind.path}/${id}`, value.value, unchanged());
				say(t('saved'));
				leave();
			} catch (cause) {
				problem.value = cause;
			}
			busy.value = false;
		}

		const { act: erase } = useAct(async () => {
			if (!await sure(t('admin.really', { name: nameOf(data.value.body) || `#${id}` })))
				return;
			try {
				await api.remove(`${kind.path}/${id}`, undefined, unchanged());
				leave();
			} catch (cause) {
				problem.value = cause;
			}
		});

		return () => {
			if (failed.value)
				return html`<h1 class="hide">${t(`admin.${kind.part}`)}</h1><${Failed} problem=${failed.value} onRetry=${load} />`;
			if (!value.value)
				return html`<${Skeleton} shape="rows" n=${5} />`;
			const errors = Object.fromEntries((problem.value?.errors || []).map((/** @type {any} */ e) => [e.field, e.message]));
			const { schema, body } = data.value;
			const facts = factsOf(body || {}, schema?.properties || {});
			return html`<h1>${fresh ? t('admin.new_one', { kind: t(`admin.${kind.part}`) }) : nameOf(body) || `${t(`admin.${kind.part}`)} ${id}`}</h1><form class="editor" onSubmit=${save} novalidate>
				${problem.value ? html`<p class="notice" role="alert">${problem.value.status === 412 ? t('admin.changed') : explain(problem.value)}${Object.entries(errors).map(([f, m]) => html`<br />${f}: ${m}`)}</p>` : null}
				${schema ? html`<div class="members">${Members(schema, value.value, { path: '', errors, known: body, set: (v) => { value.value = v; } })}</div>` : null}
				${facts.length ? html`<dl class="facts-of">${facts.map(([k, v]) => html`<div><dt>${label(k)}</dt><dd>${cell(k, v)}</dd></div>`)}</dl>` : null}
				<div class="row">${schema ? html`<button class="main" aria-disabled=${busy.value || null}>${t('save')}</button>` : null}<button type="button" onClick=${leave}>${t(schema ? 'cancel' : 'back')}</button>
					${problem.value?.status === 412 ? html`<button type="button" onClick=${load}>${t('admin.reload')}</button>` : null}
					<span class="grow"></span>${fresh || !schema ? null : html`<button type="button" class="danger" onClick=${() => erase()}>${t('delete')}</button>`}</div>
			</form>`;
		};
	},
};

export const Resource = {
	props: ['kind', 'id'],
	/** @param {{kind: Kind, id: string}} props */
	setup: (props) => () => props.id ? html`<${Editor} key=${`${props.kind.path}/${props.id}`} kind=${props.kind} id=${props.id} />` : html`<${List} key=${props.kind.path} kind=${props.kind} />`,
};
