// A person and what they were part of.
import { onMounted, shallowRef } from 'vue';
import { useRoute } from 'vue-router';
import * as api from '../core/api.js';
import { html } from '../core/html.js';
import { t } from '../core/text.js';
import { Face } from '../parts/bar.js';
import { Grid } from '../parts/grid.js';
import { Card } from '../parts/card.js';
import { Failed, Skeleton } from '../parts/states.js';

/** A list that is complete from the start. @param {any[]} items */
function whole(items) {
	return { items: shallowRef(items), state: shallowRef('done'), problem: shallowRef(null), more() {} };
}

/** One card a title, with all they did in it. @param {any[]} filmography */
function byTitle(filmography) {
	const titles = new Map();
	for (const f of filmography) {
		const known = titles.get(f.id) || { ...f, parts: [] };
		known.parts.push(f.character || t(`role.${f.role}`));
		titles.set(f.id, known);
	}
	return [...titles.values()];
}

export default {
	setup() {
		const route = useRoute();
		const person = shallowRef(/** @type {any} */ (null));
		const list = shallowRef(/** @type {any} */ (null));
		const problem = shallowRef(/** @type {any} */ (null));

		async function load() {
			problem.value = null;
			try {
				person.value = await api.get(`/ondemand/people/${route.params.id}`);
				list.value = whole(byTitle(person.value.filmography));
			} catch (cause) {
				problem.value = cause;
			}
		}
		onMounted(load);

		const card = (/** @type {any} */ f) => html`<${Card} item=${f} note=${[f.year, f.parts.join(', ')].filter(Boolean).join(' · ')} />`;

		return () => html`<main class="page" id="main" tabindex="-1">
			${problem.value ? html`<${Failed} problem=${problem.value} missing="person.missing" onRetry=${load} />` : null}
			${person.value ? html`<div class="heading person-head"><${Face} profile=${person.value} /><h1>${person.value.name}</h1></div>
				<${Grid} list=${list.value} card=${card} />` : problem.value ? null : html`<${Skeleton} n=${12} />`}
		</main>`;
	},
};
