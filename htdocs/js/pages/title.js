// One movie, series or episode: all that is known of it, and what it takes to watch it.
import { computed, onMounted } from 'vue';
import { RouterLink, useRoute } from 'vue-router';
import * as api from '../core/api.js';
import { art, ownPicture } from '../core/art.js';
import { date, genreName, runtime } from '../core/format.js';
import { html } from '../core/html.js';
import { useLoad } from '../core/load.js';
import { entitle, watchPage } from '../core/router.js';
import { useSeen } from '../core/seen.js';
import { session, toggleWatchlist } from '../core/session.js';
import { t } from '../core/text.js';
import { Card } from '../parts/card.js';
import { Episodes } from '../parts/episodes.js';
import { Icon } from '../parts/icon.js';
import { Access } from '../parts/offers.js';
import { Rail } from '../parts/rail.js';
import { SeenButton } from '../parts/seen.js';
import { Failed } from '../parts/states.js';
import { complain } from '../parts/toast.js';

const names = { movies: 'movie', series: 'one-series', episodes: 'episode' };

/** @type {(item: any, progress: import('../core/seen.js').Progress | undefined) => string[]} */
function facts(item, progress) {
	const out = [item.year || (item.air_date && date(item.air_date)), runtime(item.runtime)];
	if (item.seasons)
		out.push(t('title.seasons', { n: item.seasons.length }));
	if (progress?.episodes?.seen)
		out.push(t('seen.count', { seen: progress.episodes.seen, n: progress.episodes.count }));
	return out.filter(Boolean);
}

/** @type {(heading: string, people: any[], note: (p: any) => string) => any} */
function People(heading, people, note) {
	return people.length ? html`<section class="credits" aria-label=${heading}><h2>${heading}</h2><ul>
		${people.slice(0, 24).map((p, i) => html`<li key=${`${p.id}/${i}`}><${RouterLink} to=${{ name: 'person', params: { id: p.id } }}>
			<strong>${p.name}</strong><span class="quiet">${note(p)}</span><//></li>`)}
	</ul></section>` : null;
}

/** @param {any} item */
function Heading(item) {
	if (item.kind !== 'episode')
		return html`<h1>${item.title}</h1>`;
	return html`<p class="over-title"><${RouterLink} to=${{ name: 'one-series', params: { id: item.series.id }, query: { season: item.season.number } }}>${item.series.title}<//>
		${` · ${t('title.number', { s: item.season.number, e: item.number })}`}</p><h1>${item.title}</h1>`;
}

/** @param {any} item */
function Neighbours(item) {
	const link = (/** @type {number | null} */ id, /** @type {string} */ key) => id ? html`<${RouterLink} class="button" to=${{ name: 'episode', params: { id } }}>${t(key)}<//>` : null;
	return item.kind === 'episode' ? html`<p class="row">${link(item.previous_id, 'title.previous')}${link(item.next_id, 'title.next')}</p>` : null;
}

export default {
	setup() {
		const route = useRoute();
		const kind = /** @type {keyof typeof names} */ (route.meta.kind);
		const id = Number(route.params.id);
		const { data: item, problem, load } = useLoad(() => api.get(`/ondemand/${kind}/${id}`), (value) => {
			if (kind === 'series')
				loadFirst();
			if (kind !== 'episodes')
				loadRelated();
			entitle(value.title);
		});
		/** Without an answer there is nothing: nobody came for these. */
		const { data: related, load: loadRelated } = useLoad(async () => (await api.get(`/ondemand/${kind}/${id}/related`)).items);
		/** Where a series begins: not with its specials. Without an answer there is the list of them to play from. */
		const { data: first, load: loadFirst } = useLoad(async () => {
			const season = item.value.seasons.find((/** @type {any} */ s) => s.number > 0);
			const { items } = await api.get(`/ondemand/series/${id}/episodes`, { season: season?.number, limit: 1 });
			return items[0]?.id;
		});
		const seen = useSeen();
		onMounted(() => {
			load();
			seen.want([id]);
		});

		/** Where it goes on. Who has not begun a series begins at its first episode; until that is known nothing plays. */
		const play = computed(() => {
			const { value } = item;
			const next = seen.of(id)?.next_episode?.id || seen.asked(id) && first.value;
			const what = value.kind === 'series' ? next : id;
			return what ? watchPage({ kind: value.kind === 'movie' ? 'movie' : 'episode', id: what }) : null;
		});
		const begun = computed(() => {
			const progress = seen.of(id);
			return !!progress && (progress.progress > 0 || !!progress.next_episode);
		});

		return () => {
			if (problem.value)
				return html`<main class="page" id="main" tabindex="-1"><${Failed} problem=${problem.value} missing="title.missing" onRetry=${load} /></main>`;
			if (!item.value)
				return html`<main class="page" id="main" tabindex="-1"><span class="ghost hero-ghost"></span></main>`;
			const { value } = item;
			const listed = session.watchlist.has(value.id);
			const until = value.availability?.until;
			return html`<main class="title-page" id="main" tabindex="-1">
				<section class="hero" aria-label=${value.title}>
					<img class="back" src=${ownPicture(value.poster) || art(value.id, 'wide')} alt="" />
					<div class="words">
						${Heading(value)}
						${value.original_title && value.original_title !== value.title ? html`<p class="quiet">${value.original_title}</p>` : null}
						<p class="facts">${facts(value, seen.of(id)).map((f) => html`<span>${f}</span>`)}${value.rating.min_age ? html`<b class="age">${value.rating.code || `${value.rating.min_age}+`}</b>` : null}</p>
						<p class="synopsis">${value.synopsis}</p>
						<div class="actions">
							<${Access} item=${value} play=${play.value} label=${begun.value ? t('resume') : t('play')} />
							<button type="button" aria-pressed=${listed} aria-label=${t(listed ? 'list.remove' : 'list.add')}
								onClick=${() => toggleWatchlist(value.id).catch(complain)}><${Icon} name=${listed ? 'check' : 'plus'} />${t('nav.list')}</button>
							<${SeenButton} seen=${seen} id=${id} title=${value.title} />
						</div>
						${until ? html`<p class="quiet small"><${Icon} name="clock" /> ${t('title.until', { date: date(until) })}</p>` : null}
						${value.genres.length ? html`<p class="chips">${value.genres.map((/** @type {string} */ g) => html`<${RouterLink} to=${{ name: value.kind === 'movie' ? 'movies' : 'series', query: { genre: g } }}>${genreName(g)}<//>`)}</p>` : null}
					</div>
				</section>
				<div class="below">
					${Neighbours(value)}
					${value.seasons?.length ? html`<${Episodes} series=${value} seen=${seen} />` : null}
					${People(t('title.cast'), value.cast, (p) => p.character)}
					${People(t('title.crew'), value.crew, (p) => t(`role.${p.role}`))}
				</div>
				${related.value?.length ? html`<${Rail} title=${t('title.related')}>${related.value.map((/** @type {any} */ e) => html`<${Card} key=${e.id} item=${e} />`)}<//>` : null}
			</main>`;
		};
	},
};
