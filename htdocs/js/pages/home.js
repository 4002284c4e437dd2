// The start: something large to begin with, what was begun, what is on, and rails.
import { computed, onMounted, ref, shallowRef } from 'vue';
import { RouterLink } from 'vue-router';
import * as api from '../core/api.js';
import { art, ownPicture } from '../core/art.js';
import { clock, date, genreName, passed, runtime } from '../core/format.js';
import { html } from '../core/html.js';
import { useEvery } from '../core/now.js';
import { pageOf, watchPage } from '../core/router.js';
import { session, toggleWatchlist } from '../core/session.js';
import { has, t } from '../core/text.js';
import { Card, Picture, Progress } from '../parts/card.js';
import { Icon } from '../parts/icon.js';
import { Rail } from '../parts/rail.js';
import { Empty, Failed, Skeleton } from '../parts/states.js';
import { complain } from '../parts/toast.js';

/** So many cards of a rail are on the first screen. */
const FIRST_CARDS = 9;
/** So long the rails wait for those above them, lest they move down under somebody's finger. */
const PATIENCE_MS = 400;
/** When there is nothing else to do; Safari does not say when that is. @param {() => void} work */
const idle = (work) => 'requestIdleCallback' in globalThis ? requestIdleCallback(work, { timeout: 500 }) : setTimeout(work, 30);

/** What is on and what was begun is asked for again. */
const FRESH_MS = 60000;

const HOME = '/ondemand/home';
// as boot.js asks for them
const BEGUN = '/users/continue-watching?limit=20';
const NOW = '/livetv/now?limit=24';

/** @param {any} rail */
const railTitle = (rail) => has(`rail.${rail.id}`) ? t(`rail.${rail.id}`) : rail.title;

/** Where a rail goes on. @param {any} rail */
function railPage(rail) {
	if (rail.genre)
		return { name: rail.items[0]?.kind === 'series' ? 'series' : 'movies', query: { genre: rail.genre } };
	return rail.id === 'popular' || rail.id === 'newest' ? { name: 'movies', query: { sort: rail.id } } : null;
}

/** @param {any} item */
function Hero(item) {
	const listed = session.watchlist.has(item.id);
	const facts = [item.year, runtime(item.runtime), item.genres.slice(0, 2).map(genreName).join(', ')].filter(Boolean);
	const play = item.kind === 'movie';
	return html`<section class="hero" aria-label=${item.title}>
		<img class="back" src=${ownPicture(item.poster) || art(item.id, 'wide')} alt="" />
		<div class="words">
			<p class="over-title">${t(`kind.${item.kind}`)}</p>
			<h1>${item.title}</h1>
			<p class="facts">${facts.map((f) => html`<span>${f}</span>`)}${item.rating.min_age ? html`<b class="age">${item.rating.min_age}+</b>` : null}</p>
			<p class="synopsis">${item.synopsis}</p>
			<p class="actions">
				${play ? html`<${RouterLink} class="button main" to=${watchPage(item)}><${Icon} name="play" fill=${true} />${t('play')}<//>` : null}
				<${RouterLink} class=${play ? 'button' : 'button main'} to=${pageOf(item)}><${Icon} name="info" />${t('details')}<//>
				<button type="button" class="round" aria-pressed=${listed} aria-label=${t(listed ? 'list.remove' : 'list.add')}
					onClick=${() => toggleWatchlist(item.id).catch(complain)}><${Icon} name=${listed ? 'check' : 'plus'} /></button>
			</p>
		</div>
	</section>`;
}

/** @param {any} entry of continue-watching */
function begun(entry) {
	const c = entry.content;
	const note = entry.series ? entry.series.title : c.year;
	return html`<${Card} key=${c.id} item=${c} wide=${true} note=${String(note || '')} progress=${entry.progress}
		to=${watchPage(c)} />`;
}

/**
 * What its availability says of a title in the rails that are about that: when it can be opened, or how long it still can.
 * @param {any} rail
 * @param {any} item
 */
function windowOf(rail, item) {
	if (rail.id === 'coming-soon')
		return { soon: true, note: t('title.from', { date: date(item.available_from) }) };
	return rail.id === 'leaving-soon' ? { note: t('title.until', { date: date(item.available_until) }) } : null;
}

/** @param {any} row of /livetv/now */
function onAir(row) {
	const { channel, now } = row;
	return html`<${RouterLink} class="card wide on-air" key=${channel.id} to=${{ name: 'watch-live', params: { id: channel.id } }}>
		<${Picture} item=${{ id: now.id, kind: 'programme', title: now.title }} wide=${true} />
		<span class="badge"><b>${channel.number}</b>${channel.name}</span>
		<${Progress} value=${passed(now.start, now.end)} />
		<span class="caption"><span class="name">${now.title}</span><span class="meta">${clock(now.start)}–${clock(now.end)}</span></span>
	<//>`;
}

export default {
	setup() {
		/** @param {{items: any[]}} answer */
		const filled = ({ items }) => items.filter((r) => r.items.length);
		const early = session.state === 'in' && api.known(HOME);
		const rails = shallowRef(/** @type {any[] | null} */ (early ? filled(early) : null));
		const resumed = shallowRef(/** @type {any[]} */ ([]));
		const live = shallowRef(/** @type {any[]} */ ([]));
		const problem = shallowRef(/** @type {any} */ (null));
		const chosen = ref(0);
		const steps = ref(0);

		async function load() {
			problem.value = null;
			try {
				rails.value = rails.value || filled(await api.get(HOME));
			} catch (cause) {
				problem.value = cause;
			}
		}
		/** The first screen does not wait for what is below it and beside it: first a rail after the other, then the rest of each. */
		function unfold() {
			if (steps.value > 2 * (rails.value?.length || 0))
				return;
			idle(() => {
				steps.value++;
				unfold();
			});
		}

		/** What a viewer can do without: it stays as it was when it cannot be had. @type {(path: string, kept: any[]) => Promise<any[]>} */
		const extra = (path, kept) => api.get(path).then((page) => page.items, () => kept);
		async function loadExtras() {
			const [begun, now] = await Promise.all([extra(BEGUN, resumed.value), extra(NOW, live.value)]);
			resumed.value = begun;
			live.value = now.filter((row) => row.now);
		}

		function start() {
			const above = Promise.race([loadExtras(), new Promise((done) => { setTimeout(done, PATIENCE_MS); })]);
			Promise.all([load(), above]).then(unfold);
		}

		/** The cards of a rail that are there by now. @type {(cards: any[], n: number) => any[]} */
		const some = (cards, n) => steps.value > (rails.value?.length || 0) + n ? cards : cards.slice(0, FIRST_CARDS);

		const heroes = computed(() => {
			const all = rails.value?.find((r) => r.id === 'popular')?.items || rails.value?.[0]?.items || [];
			return all.filter((/** @type {any} */ i) => i.synopsis).slice(0, 5);
		});
		onMounted(() => {
			if (session.state === 'in')
				start();
		});
		useEvery(FRESH_MS, () => { if (session.state === 'in') loadExtras(); });

		function dots() {
			return heroes.value.length < 2 ? null : html`<div class="dots">${heroes.value.map((/** @type {any} */ h, /** @type {number} */ i) => html`<button type="button"
				aria-label=${t('home.hero', { title: h.title })} aria-pressed=${i === chosen.value} onClick=${() => { chosen.value = i; }}></button>`)}</div>`;
		}

		return () => {
			if (problem.value)
				return html`<main class="page" id="main" tabindex="-1"><h1 class="hide">${t('nav.home')}</h1><${Failed} problem=${problem.value} onRetry=${start} /></main>`;
			if (!rails.value)
				return html`<main class="page" id="main" tabindex="-1"><h1 class="hide">${t('nav.home')}</h1><span class="ghost hero-ghost"></span><${Skeleton} n=${12} /></main>`;
			const hero = heroes.value[Math.min(chosen.value, heroes.value.length - 1)];
			return html`<main class="home" id="main" tabindex="-1">
				${hero ? [Hero(hero), dots()] : html`<h1 class="hide">${t('nav.home')}</h1>`}
				<div class="rails">
					${steps.value && resumed.value.length ? html`<${Rail} title=${t('rail.continue')} wide=${true}>${some(resumed.value, 0).map(begun)}<//>` : null}
					${steps.value && live.value.length ? html`<${Rail} title=${t('rail.now')} wide=${true} to=${{ name: 'live' }}>${some(live.value, 0).map(onAir)}<//>` : null}
					${rails.value.slice(0, steps.value).map((rail, n) => html`<${Rail} key=${rail.id} title=${railTitle(rail)} to=${railPage(rail)}>
						${some(rail.items, n).map((/** @type {any} */ item) => html`<${Card} key=${item.id} item=${item} ...${windowOf(rail, item)} />`)}<//>`)}
					${rails.value.length ? null : html`<${Empty} title=${t('home.empty')} text=${t('home.empty_why')} />`}
				</div>
			</main>`;
		};
	},
};
