// What the profile wants to see, and what it has seen.
import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { date, moment } from '../core/format.js';
import { html } from '../core/html.js';
import { forgetLists, useList } from '../core/lists.js';
import { useAct } from '../core/load.js';
import { watchPage } from '../core/router.js';
import { session } from '../core/session.js';
import { t } from '../core/text.js';
import { Card } from '../parts/card.js';
import { sure } from '../parts/confirm.js';
import { Grid } from '../parts/grid.js';
import { Icon } from '../parts/icon.js';
import { complain, say } from '../parts/toast.js';

/** @type {Record<string, string>} */
const sources = { watchlist: '/users/watchlist', begun: '/users/continue-watching', history: '/users/history' };

/** What stands below the picture, if not what does elsewhere. @type {Record<string, (e: any) => string | undefined>} */
const notes = {
	begun: (e) => e.series?.title,
	history: (e) => e.series ? `${e.series.title} · ${date(e.watched_at)}` : moment(e.watched_at),
};

export default {
	setup() {
		const route = useRoute();
		const router = useRouter();
		forgetLists('own ');
		const part = computed(() => String(route.query.part) in sources ? String(route.query.part) : 'watchlist');
		const list = computed(() => useList(`own ${part.value}`, (cursor) => api.get(sources[part.value], { limit: 60, cursor })));

		/** All entries of a title at once, as the service does; they are there again when it refuses. @param {any} e */
		function remove({ content }) {
			const { value } = list;
			value.drop((e) => e.content.id === content.id);
			return api.remove(`${sources[part.value]}/${content.id}`).then(() => say(t('history.removed', { title: content.title })), (cause) => {
				value.renew();
				complain(cause);
			});
		}

		const { busy, act: clear } = useAct(async () => {
			if (!await sure(t('history.really', { name: session.user?.profile.name }), t('history.clear')))
				return;
			await api.remove('/users/history');
			list.value.drop(() => true);
			say(t('history.cleared'));
		});

		/** @param {any} e */
		function card(e) {
			const kept = part.value === 'watchlist';
			const to = part.value === 'begun' ? watchPage(e.content) : undefined;
			return html`<${Card} item=${e.content} note=${notes[part.value]?.(e)} to=${to} progress=${part.value === 'begun' ? e.progress : undefined} />
				${kept ? null : html`<button type="button" class="quiet-button" aria-label=${t('history.remove_which', { title: e.content.title })}
					onClick=${() => remove(e)}><${Icon} name="trash" />${t('history.remove')}</button>`}`;
		}

		return () => html`<main class="page" id="main" tabindex="-1">
			<div class="heading start"><h1>${t('nav.list')}</h1>
			<div class="row"><div class="chips" role="group">${Object.keys(sources).map((name) => html`<button type="button" aria-pressed=${name === part.value}
				onClick=${() => router.replace({ query: { part: name } })}>${t(`list.${name}`)}</button>`)}</div>
			${part.value === 'history' && list.value.items.value.length ? html`<button type="button" class="danger" aria-disabled=${busy.value || null} onClick=${clear}><${Icon} name="trash" />${t('history.clear')}</button>` : null}</div></div>
			<${Grid} key=${part.value} list=${list.value} card=${card} below=${part.value !== 'watchlist'} empty=${t(`list.${part.value}_empty`)} />
		</main>`;
	},
};
