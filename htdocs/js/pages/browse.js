// Movies, or series: filters in the address, and a wall without end.
import { computed, onMounted } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { genreName } from '../core/format.js';
import { html } from '../core/html.js';
import { useList } from '../core/lists.js';
import { useLoad } from '../core/load.js';
import { session } from '../core/session.js';
import { t } from '../core/text.js';
import { Choice } from '../parts/form.js';
import { Grid } from '../parts/grid.js';

const SORTS = ['newest', 'popular', 'title', 'year'];
const FIRST_DECADE = 1910;

/** Filters as the address has them; what is no filter is left out. @param {any} query */
function readFilters(query) {
	const decade = /^(19|20)\d0$/.test(query.decade) ? Number(query.decade) : null;
	return {
		genre: /^[a-z0-9-]+$/.test(query.genre) ? query.genre : null,
		sort: SORTS.includes(query.sort) ? query.sort : 'newest',
		year_from: decade, year_to: decade && decade + 9,
	};
}

function decades() {
	const out = [];
	for (let d = Math.floor(new Date().getFullYear() / 10) * 10; d >= FIRST_DECADE; d -= 10)
		out.push(/** @type {[string, string]} */ ([String(d), t('browse.decade', { d })]));
	return out;
}

export default {
	setup() {
		const route = useRoute();
		const router = useRouter();
		const kind = /** @type {'movies' | 'series'} */ (route.meta.kind);
		const { data: genres, load: loadGenres } = useLoad(() => api.get('/ondemand/genres').then((a) => a.items));
		const filters = computed(() => readFilters(route.query));
		const list = computed(() => {
			const query = filters.value;
			return useList(`${kind} ${JSON.stringify(query)} ${session.user?.profile.id}`,
				(cursor) => api.get(`/ondemand/${kind}`, { ...query, limit: 100, cursor }));
		});
		onMounted(loadGenres);

		/** @type {(name: string) => (e: Event) => void} */
		const set = (name) => (e) => {
			const { value } = /** @type {HTMLSelectElement} */ (e.target);
			router.replace({ query: { ...route.query, [name]: value || undefined } });
		};

		return () => {
			const { genre } = filters.value;
			const named = (genres.value || []).filter((/** @type {any} */ g) => g[kind] > 0).sort((/** @type {any} */ a, /** @type {any} */ b) => a.name.localeCompare(b.name));
			const options = named.map((/** @type {any} */ g) => [g.slug, `${g.name} (${g[kind]})`]);
			if (genre && !named.some((/** @type {any} */ g) => g.slug === genre))
				options.unshift([genre, genreName(genre)]); // what is chosen is there before the others have come
			return html`<main class="page" id="main" tabindex="-1">
				<div class="heading">
					<h1>${t(`nav.${kind}`)}</h1>
					<form class="filters" onSubmit=${(/** @type {Event} */ e) => e.preventDefault()}>
						<${Choice} name="genre" label=${t('browse.genre')} value=${genre} onChange=${set('genre')} options=${[['', t('browse.all_genres')], ...options]} />
						<${Choice} name="decade" label=${t('browse.years')} value=${filters.value.year_from} onChange=${set('decade')} options=${[['', t('browse.all_years')], ...decades()]} />
						<${Choice} name="sort" label=${t('browse.sort')} value=${filters.value.sort} onChange=${set('sort')} options=${SORTS.map((s) => [s, t(`sort.${s}`)])} />
					</form>
				</div>
				<${Grid} list=${list.value} empty=${t('browse.empty')} />
			</main>`;
		};
	},
};
