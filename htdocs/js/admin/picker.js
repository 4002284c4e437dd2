// A field for the number of something, found by its name: titles, accounts, plans, people.
import { onBeforeUnmount, ref, shallowRef, watch } from 'vue';
import * as api from '../core/api.js';
import { html } from '../core/html.js';
import { t } from '../core/text.js';
import { explain } from '../parts/states.js';

const PAUSE_MS = 180;
const MOST = 8;

/** @typedef {{id: number, name: string, note: string}} Pick */

/** @type {(row: any) => Pick} */
const titled = (row) => ({ id: row.id, name: row.title, note: [t(`kind.${row.kind}`), row.year].filter(Boolean).join(' · ') });
/** @type {(row: any) => Pick} */
const named = (row) => ({ id: row.id, name: row.name, note: row.code || '' });

/** By the name of the member that holds the number. @type {Record<string, (q: string) => Promise<Pick[]>>} */
const finders = {
	content_id: async (q) => (await api.get('/search/global', { q, limit: MOST, types: 'movie,series,episode,channel' })).items.map(titled),
	user_id: async (q) => (await api.get('/admin/users', { q, limit: MOST })).items.map((/** @type {any} */ u) => ({ id: u.id, name: u.email, note: u.name || '' })),
	person_id: async (q) => (await api.get('/admin/ondemand/people', { q, limit: MOST })).items.map(named),
	plan_id: async (q) => (await api.get('/admin/rights/plans', { limit: 100 })).items.map(named)
		.filter((/** @type {Pick} */ p) => `${p.name} ${p.note}`.toLowerCase().includes(q.toLowerCase())).slice(0, MOST),
};

/** The member that says beside a number what it is of. @type {Record<string, string>} */
export const nameBeside = { content_id: 'content_title', user_id: 'user_email', plan_id: 'plan_name' };

/** Whether numbers of that name can be found by a name. @param {string} name */
export const isPicked = (name) => name in finders;

export const Picker = {
	props: ['id', 'name', 'kind', 'value', 'shown', 'invalid', 'required'],
	emits: ['pick'],
	/**
	 * @param {{id: string, name: string, kind: string, value?: number | string | null, shown?: string, invalid?: boolean, required?: boolean}} props
	 * @param {any} context
	 */
	setup(props, { emit }) {
		const text = ref(props.value ? props.shown || String(props.value) : '');
		const number = ref(props.value ? String(props.value) : '');
		const found = shallowRef(/** @type {Pick[] | null} */ (null));
		const problem = ref('');
		/** @type {any} */
		let timer;

		/** @type {(id: string, shown: string) => void} */
		function take(id, shown) {
			number.value = id;
			text.value = shown;
			found.value = null;
			emit('pick', id ? Number(id) : null);
		}

		async function look() {
			const q = text.value.trim();
			problem.value = '';
			try {
				const picks = await finders[props.kind](q);
				if (q === text.value.trim())
					found.value = picks;
			} catch (cause) {
				problem.value = explain(cause);
			}
		}

		/** @param {any} event */
		function onInput(event) {
			clearTimeout(timer);
			const typed = event.target.value;
			take(/^\d+$/.test(typed.trim()) ? typed.trim() : '', typed);
			if (typed.trim() && !number.value)
				timer = setTimeout(look, PAUSE_MS);
		}
		onBeforeUnmount(() => clearTimeout(timer));
		// another row's, when one before it was taken away
		watch(() => props.value, (value) => {
			if (String(value || '') !== number.value)
				[number.value, text.value, found.value] = value ? [String(value), props.shown || String(value), null] : ['', '', null];
		});

		/** @param {Pick} p */
		const pick = (p) => html`<li key=${p.id}><button type="button" onClick=${() => take(String(p.id), p.name)}>
			<span>${p.name}</span><span class="quiet small">${p.note}</span></button></li>`;

		return () => html`<div class="picker"><input id=${props.id} type="text" value=${text.value} onInput=${onInput} autocomplete="off" required=${!!props.required}
				placeholder=${t('admin.by_name')} aria-invalid=${props.invalid ? 'true' : null} />
			<input type="hidden" name=${props.name} value=${number.value} />
			${found.value?.length ? html`<ul class="picks">${found.value.map(pick)}</ul>` : null}
			${found.value?.length === 0 ? html`<p class="quiet small" role="status">${t('admin.none_such')}</p>` : null}
			${problem.value ? html`<p class="bad small" role="alert">${problem.value}</p>` : null}</div>`;
	},
};
