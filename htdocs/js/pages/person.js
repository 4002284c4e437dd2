// A person and what they were part of.
import { onMounted, shallowRef } from 'vue';
import { useRoute } from 'vue-router';
import * as api from '../core/api.js';
import { html } from '../core/html.js';
import { useLoad } from '../core/load.js';
import { entitle } from '../core/router.js';
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
		const list = shallowRef(/** @type {any} */ (null));
		const { data: person, problem, load } = useLoad(() => api.get(`/ondemand/people/${route.params.id}`), (value) => {
			list.value = whole(byTitle(value.filmography));
			entitle(value.name);
		});
		onMounted(load);

		const card = (/** @type {any} */ f) => html`<${Card} item=${f} note=${[f.year, f.parts.join(', ')].filter(Boolean).join(' · ')} />`;

		return () => html`<main class="page" id="main" tabindex="-1">
			${problem.value ? html`<${Failed} problem=${problem.value} missing="person.missing" onRetry=${load} />` : null}
			${person.value ? html`<div class="heading person-head"><${Face} profile=${person.value} /><h1>${person.value.name}</h1></div>
				<${Grid} list=${list.value} card=${card} />` : problem.value ? null : html`<${Skeleton} n=${12} />`}
		</main>`;
	},
};
