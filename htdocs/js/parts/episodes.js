// The episodes of a season, how far the profile is in them, and which of them it has seen.
import { computed, watch } from 'vue';
import { RouterLink, useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { date, runtime } from '../core/format.js';
import { html } from '../core/html.js';
import { useList } from '../core/lists.js';
import { watchPage } from '../core/router.js';
import { session } from '../core/session.js';
import { t } from '../core/text.js';
import { Picture, Progress } from './card.js';
import { Icon } from './icon.js';
import { SeenButton } from './seen.js';
import { Failed, Skeleton } from './states.js';

/** @param {any} season */
const nameOf = (season) => season.title || t('title.season_n', { n: season.number });

/** The picture of an episode: played by a press, and how much of it was. @type {(e: any, progress: import('../core/seen.js').Progress | undefined) => any} */
const shot = (e, progress) => html`<span class=${progress?.seen ? 'shot seen' : 'shot'}><${Picture} item=${e} wide=${true} plain=${true} />
	<span class="over" aria-hidden="true"><${Icon} name="play" fill=${true} /></span>
	${progress?.progress ? html`<${Progress} value=${progress.progress} />` : null}</span>`;

export const Episodes = {
	props: ['series', 'seen'],
	/** @param {{series: any, seen: import('../core/seen.js').Seen}} props */
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
		watch(() => [season.value.id, ...list.value.items.value.map((e) => e.id)], props.seen.want, { immediate: true });

		/** @type {(e: any, i: number) => any} */
		const row = (e, i) => html`<li key=${e.id}><${RouterLink} class="episode" to=${watchPage({ kind: 'episode', id: e.id })}>${shot(e, props.seen.of(e.id))}
			<span class="about"><strong>${e.number ?? i + 1}. ${e.title}</strong><span class="quiet small">${[runtime(e.runtime), e.air_date && date(e.air_date)].filter(Boolean).join(' · ')}</span>
				<span class="synopsis">${e.synopsis}</span></span><//>
			<${SeenButton} seen=${props.seen} id=${e.id} title=${e.title} round=${true} /></li>`;

		return () => html`<section class="episodes" aria-label=${t('title.episodes')}>
			<div class="row"><h2>${t('title.episodes')}</h2>
				${props.series.seasons.length > 1 ? html`<${SeenButton} seen=${props.seen} id=${season.value.id} title=${nameOf(season.value)} whole="season" />` : null}</div>
			<div class="chips" role="group" aria-label=${t('title.season')}>${props.series.seasons.map((/** @type {any} */ s) => html`<button type="button" key=${s.id}
				aria-pressed=${s.id === season.value.id} onClick=${() => router.replace({ query: { season: s.number } })}>${nameOf(s)}</button>`)}</div>
			<ol>${list.value.items.value.map(row)}</ol>
			${list.value.state.value === 'loading' ? html`<${Skeleton} shape="rows" n=${4} />` : null}
			${list.value.state.value === 'failed' ? html`<${Failed} problem=${list.value.problem.value} onRetry=${list.value.more} />` : null}
			${list.value.state.value === 'idle' ? html`<button type="button" onClick=${list.value.more}>${t('more')}</button>` : null}
		</section>`;
	},
};
