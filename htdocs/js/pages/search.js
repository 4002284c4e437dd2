// Search as you type: in groups, with what was looked for before.
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue';
import { RouterLink, onBeforeRouteLeave, useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { clock, weekday } from '../core/format.js';
import { html } from '../core/html.js';
import { pageOf } from '../core/router.js';
import { session } from '../core/session.js';
import { t } from '../core/text.js';
import { Face } from '../parts/bar.js';
import { Picture } from '../parts/card.js';
import { Icon } from '../parts/icon.js';
import { Empty, Failed, Skeleton } from '../parts/states.js';

/** Keys that come at once are one question; one key alone does not wait for more. */
const PAUSE_MS = 30;
const RECENT = 8;
const KINDS = ['movie', 'series', 'episode', 'channel', 'programme', 'person'];

const recentKey = () => `antenna.recent.${session.user?.profile.id}`;

/** @returns {string[]} */
function readRecent() {
	try {
		const kept = JSON.parse(localStorage.getItem(recentKey()) || '[]');
		return Array.isArray(kept) ? kept.filter((q) => typeof q === 'string').slice(0, RECENT) : [];
	} catch (cause) {
		return [];
	}
}

/** Where something that was found leads: a programme to its channel. @param {any} item */
function target(item) {
	if (item.kind === 'programme')
		return item.showing ? { name: 'channel', params: { id: item.showing.channel.id }, query: { programme: item.id } } : { name: 'guide', query: { programme: item.id } };
	return pageOf(item);
}

/** The title with what was typed marked; places are in characters. @param {any} item */
function marked(item) {
	const letters = [...item.title];
	const out = [];
	let at = 0;
	for (const { start, length } of item.highlight || []) {
		out.push(letters.slice(at, start).join(''), html`<mark>${letters.slice(start, start + length).join('')}</mark>`);
		at = start + length;
	}
	return [...out, letters.slice(at).join('')];
}

/** @param {any} item */
function facts(item) {
	const when = item.showing && `${weekday(item.showing.start)} ${clock(item.showing.start)}, ${item.showing.channel.name}`;
	return [t(`kind.${item.kind}`), when || item.subtitle, item.year].filter(Boolean).join(' · ');
}

/** @param {any} item */
function found(item) {
	return html`<li key=${`${item.kind}/${item.id}`}><${RouterLink} class="found" to=${target(item)}>
		${item.kind === 'person' ? html`<${Face} profile=${{ id: item.id, name: item.title }} />` : html`<${Picture} item=${item} plain=${true} wide=${item.kind === 'channel' || item.kind === 'programme'} />`}
		<span class="about"><strong>${marked(item)}</strong><span class="quiet small">${facts(item)}</span></span>
	<//></li>`;
}

export default {
	setup() {
		const route = useRoute();
		const router = useRouter();
		const q = ref(String(route.query.q || ''));
		const kind = ref('');
		const answer = shallowRef(/** @type {any} */ (null));
		const problem = shallowRef(/** @type {any} */ (null));
		const busy = ref(false);
		const recent = ref(readRecent());
		const field = ref(/** @type {HTMLInputElement | null} */ (null));
		/** @type {AbortController | null} */
		let running = null;
		/** @type {any} */
		let timer;

		async function ask() {
			running?.abort();
			const text = q.value.trim();
			if (!text) {
				answer.value = problem.value = null;
				busy.value = false;
				return;
			}
			const mine = running = new AbortController();
			busy.value = true;
			try {
				const given = await api.get('/search/global', { q: text, limit: 50, types: kind.value }, { signal: mine.signal });
				[answer.value, problem.value] = [given, null];
			} catch (cause) {
				if (/** @type {any} */ (cause).code === 'aborted')
					return;
				problem.value = cause;
			}
			busy.value = false;
		}

		watch([q, kind], () => {
			clearTimeout(timer);
			timer = setTimeout(() => {
				router.replace({ query: q.value ? { q: q.value } : {} });
				ask();
			}, PAUSE_MS);
		});
		onMounted(() => {
			field.value?.focus();
			ask();
		});
		onBeforeRouteLeave(() => clearTimeout(timer)); // or the address of what was typed last stops who goes on
		onBeforeUnmount(() => running?.abort());

		function remember() {
			const text = q.value.trim();
			if (!text)
				return;
			recent.value = [text, ...recent.value.filter((r) => r !== text)].slice(0, RECENT);
			localStorage.setItem(recentKey(), JSON.stringify(recent.value));
		}

		const groups = computed(() => KINDS.map((k) => /** @type {[string, any[]]} */ ([k, (answer.value?.items || []).filter((/** @type {any} */ i) => i.kind === k)]))
			.filter(([, items]) => items.length)
			.sort((a, b) => answer.value.items.indexOf(a[1][0]) - answer.value.items.indexOf(b[1][0])));

		function Recent() {
			if (!recent.value.length)
				return html`<${Empty} icon="search" title=${t('search.start')} text=${t('search.start_why')} />`;
			return html`<section><div class="heading"><h2>${t('search.recent')}</h2><button type="button" class="quiet-button" onClick=${() => {
				recent.value = [];
				localStorage.removeItem(recentKey());
			}}>${t('search.forget')}</button></div>
			<ul class="chips">${recent.value.map((r) => html`<li><button type="button" onClick=${() => { q.value = r; }}>${r}</button></li>`)}</ul></section>`;
		}

		function Found() {
			const { value } = answer;
			const counts = Object.entries(value.groups || {}).filter(([, n]) => n);
			const total = kind.value ? value.groups?.[kind.value] ?? value.items.length : counts.reduce((sum, [, n]) => sum + Number(n), 0) || value.items.length;
			return html`
				<p class="quiet small" role="status" data-query=${value.query}>${t('search.found', { n: total })}${value.degraded ? ` · ${t('search.degraded')}` : ''}</p>
				${counts.length > 1 || kind.value ? html`<div class="chips" role="group" aria-label=${t('search.kinds')}>
					<button type="button" aria-pressed=${!kind.value} onClick=${() => { kind.value = ''; }}>${t('search.all')}</button>
					${counts.map(([k, n]) => html`<button type="button" aria-pressed=${kind.value === k} onClick=${() => { kind.value = k; }}>${t(`kinds.${k}`)} ${n}</button>`)}</div>` : null}
				<div onClick=${remember}>${groups.value.map(([k, items]) => html`<section key=${k} class="group"><h2>${t(`kinds.${k}`)}</h2><ul class="hits">${items.map(found)}</ul></section>`)}</div>
				${value.items.length ? null : html`<${Empty} icon="search" title=${t('search.nothing', { q: value.query })} text=${t('search.nothing_why')} />`}`;
		}

		return () => html`<main class="page" id="main" tabindex="-1">
			<h1 class="hide">${t('nav.search')}</h1>
			<form class="finder" role="search" onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); remember(); ask(); }}>
				<${Icon} name="search" />
				<input ref=${field} type="search" name="q" value=${q.value} aria-label=${t('nav.search')} placeholder=${t('search.hint')} autocomplete="off" maxlength="200" enterkeyhint="search"
					onInput=${(/** @type {any} */ e) => { q.value = e.target.value; }} />
			</form>
			${problem.value ? html`<${Failed} problem=${problem.value} onRetry=${ask} />` : q.value.trim() ? answer.value ? Found() : busy.value ? html`<${Skeleton} shape="rows" n=${5} />` : null : Recent()}
		</main>`;
	},
};
