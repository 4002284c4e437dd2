// What the profile wants to see, and what it has seen.
import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { moment } from '../core/format.js';
import { html } from '../core/html.js';
import { forgetLists, useList } from '../core/lists.js';
import { watchPage } from '../core/router.js';
import { t } from '../core/text.js';
import { Card } from '../parts/card.js';
import { Grid } from '../parts/grid.js';

/** @type {Record<string, string>} */
const sources = { watchlist: '/users/watchlist', begun: '/users/continue-watching', history: '/users/history' };

export default {
	setup() {
		const route = useRoute();
		const router = useRouter();
		forgetLists('own ');
		const part = computed(() => String(route.query.part) in sources ? String(route.query.part) : 'watchlist');
		const list = computed(() => useList(`own ${part.value}`, (cursor) => api.get(sources[part.value], { limit: 60, cursor })));

		/** @param {any} e */
		function card(e) {
			const note = part.value === 'history' ? moment(e.watched_at) : undefined;
			const to = part.value === 'begun' ? watchPage(e.content) : undefined;
			return html`<${Card} item=${e.content} note=${note} to=${to} progress=${part.value === 'begun' ? e.progress : undefined} />`;
		}

		return () => html`<main class="page" id="main" tabindex="-1">
			<div class="heading"><h1>${t('nav.list')}</h1>
			<div class="chips" role="group">${Object.keys(sources).map((name) => html`<button type="button" aria-pressed=${name === part.value}
				onClick=${() => router.replace({ query: { part: name } })}>${t(`list.${name}`)}</button>`)}</div></div>
			<${Grid} key=${part.value} list=${list.value} card=${card} empty=${t(`list.${part.value}_empty`)} />
		</main>`;
	},
};
