// One movie, series or episode: all that is known of it, and what it takes to watch it.
import { computed, onMounted } from 'vue';
import { RouterLink, useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { art, ownPicture } from '../core/art.js';
import { date, genreName, runtime } from '../core/format.js';
import { html } from '../core/html.js';
import { useList } from '../core/lists.js';
import { useLoad } from '../core/load.js';
import { entitle, watchPage } from '../core/router.js';
import { session, toggleWatchlist } from '../core/session.js';
import { t } from '../core/text.js';
import { Card, Picture, Progress } from '../parts/card.js';
import { Icon } from '../parts/icon.js';
import { Access } from '../parts/offers.js';
import { Rail } from '../parts/rail.js';
import { Failed, Skeleton } from '../parts/states.js';
import { complain } from '../parts/toast.js';

const names = { movies: 'movie', series: 'one-series', episodes: 'episode' };

/** @param {any} item */
function facts(item) {
	const out = [item.year || (item.air_date && date(item.air_date)), runtime(item.runtime)];
	if (item.seasons)
		out.push(t('title.seasons', { n: item.seasons.length }));
	return out.filter(Boolean);
}

/** @type {(heading: string, people: any[], note: (p: any) => string) => any} */
function People(heading, people, note) {
	return people.length ? html`<section class="credits" aria-label=${heading}><h2>${heading}</h2><ul>
		${people.slice(0, 24).map((p, i) => html`<li key=${`${p.id}/${i}`}><${RouterLink} to=${{ name: 'person', params: { id: p.id } }}>
			<strong>${p.name}</strong><span class="quiet">${note(p)}</span><//></li>`)}
	</ul></section>` : null;
}

/** The episodes of a season, and how far the profile is in them. */
const Episodes = {
	props: ['series', 'resume'],
	/** @param {{series: any, resume: any}} props */
	setup(props) {
		const route = useRoute();
		const router = useRouter();
		const season = computed(() => {
			const wanted = Number(route.query.season);
			const { seasons } = props.series;
			return seasons.find((/** @type {any} */ s) => s.number === wanted) || seasons.find((/** @type {any} */ s) => s.number > 0) || seasons[0];
		});
		const list = computed(() => useList(`episodes ${props.series.id} ${season.value.number} ${session.user?.profile.id}`,
			(cursor) => api.get(`/ondemand/series/${props.series.id}/episodes`, { season: season.value.number, limit: 50, cursor })));

		/** @type {(e: any, i: number) => any} */
		const row = (e, i) => html`<li key=${e.id}><${RouterLink} class="episode" to=${watchPage({ kind: 'episode', id: e.id })}>
			<span class="shot"><${Picture} item=${e} wide=${true} plain=${true} /><span class="over" aria-hidden="true"><${Icon} name="play" fill=${true} /></span>
				${props.resume?.content.id === e.id ? html`<${Progress} value=${props.resume.progress} />` : null}</span>
			<span class="about"><strong>${e.number ?? i + 1}. ${e.title}</strong><span class="quiet small">${[runtime(e.runtime), e.air_date && date(e.air_date)].filter(Boolean).join(' · ')}</span>
				<span class="synopsis">${e.synopsis}</span></span><//></li>`;

		return () => html`<section class="episodes" aria-label=${t('title.episodes')}>
			<h2>${t('title.episodes')}</h2>
			<div class="chips" role="group" aria-label=${t('title.season')}>${props.series.seasons.map((/** @type {any} */ s) => html`<button type="button" key=${s.id}
				aria-pressed=${s.id === season.value.id} onClick=${() => router.replace({ query: { season: s.number } })}>${s.title || t('title.season_n', { n: s.number })}</button>`)}</div>
			<ol>${list.value.items.value.map(row)}</ol>
			${list.value.state.value === 'loading' ? html`<${Skeleton} shape="rows" n=${4} />` : null}
			${list.value.state.value === 'failed' ? html`<${Failed} problem=${list.value.problem.value} onRetry=${list.value.more} />` : null}
			${list.value.state.value === 'idle' ? html`<button type="button" onClick=${list.value.more}>${t('more')}</button>` : null}
		</section>`;
	},
};

/** @param {any} item */
function Heading(item) {
	if (item.kind !== 'episode')
		return html`<h1>${item.title}</h1>`;
	return html`<p class="over-title"><${RouterLink} to=${{ name: 'one-series', params: { id: item.series.id }, query: { season: item.season.number } }}>${item.series.title}<//>
		 · ${t('title.number', { s: item.season.number, e: item.number })}</p><h1>${item.title}</h1>`;
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
		/** Where the viewer is in it: the entry of the series, or of the title itself. Without an answer it begins where the service says. */
		const { data: resume, load: loadResume } = useLoad(async () => {
			const { items } = await api.get('/users/continue-watching', { limit: 50 });
			return items.find((/** @type {any} */ e) => e.content.id === id || e.content.series?.id === id || e.series_id === id);
		});
		onMounted(() => {
			load();
			loadResume();
		});

		const play = computed(() => {
			const { value } = item;
			const what = value.kind === 'series' ? resume.value?.content.id || first.value : id;
			return what ? watchPage({ kind: value.kind === 'movie' ? 'movie' : 'episode', id: what }) : null;
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
						<p class="facts">${facts(value).map((f) => html`<span>${f}</span>`)}${value.rating.min_age ? html`<b class="age">${value.rating.code || `${value.rating.min_age}+`}</b>` : null}</p>
						<p class="synopsis">${value.synopsis}</p>
						<div class="actions">
							<${Access} item=${value} play=${play.value} label=${resume.value ? t('resume') : t('play')} />
							<button type="button" aria-pressed=${listed} aria-label=${t(listed ? 'list.remove' : 'list.add')}
								onClick=${() => toggleWatchlist(value.id).catch(complain)}><${Icon} name=${listed ? 'check' : 'plus'} />${t('nav.list')}</button>
						</div>
						${until ? html`<p class="quiet small"><${Icon} name="clock" /> ${t('title.until', { date: date(until) })}</p>` : null}
						${value.genres.length ? html`<p class="chips">${value.genres.map((/** @type {string} */ g) => html`<${RouterLink} to=${{ name: value.kind === 'movie' ? 'movies' : 'series', query: { genre: g } }}>${genreName(g)}<//>`)}</p>` : null}
					</div>
				</section>
				<div class="below">
					${Neighbours(value)}
					${value.seasons?.length ? html`<${Episodes} series=${value} resume=${resume.value} />` : null}
					${People(t('title.cast'), value.cast, (p) => p.character)}
					${People(t('title.crew'), value.crew, (p) => t(`role.${p.role}`))}
				</div>
				${related.value?.length ? html`<${Rail} title=${t('title.related')}>${related.value.map((/** @type {any} */ e) => html`<${Card} key=${e.id} item=${e} />`)}<//>` : null}
			</main>`;
		};
	},
};
