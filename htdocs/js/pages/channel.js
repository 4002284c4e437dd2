// One channel: what is on, and its day.
import { computed, onMounted, ref, shallowRef, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import * as api from '../core/api.js';
import { clock, passed } from '../core/format.js';
import { html } from '../core/html.js';
import { useLoad } from '../core/load.js';
import { useNow } from '../core/now.js';
import { entitle } from '../core/router.js';
import { t } from '../core/text.js';
import { Picture, Progress } from '../parts/card.js';
import { Days } from '../parts/days.js';
import { ProgrammeDialog, Ways } from '../parts/programme.js';
import { Empty, Failed, Skeleton } from '../parts/states.js';

const [DAYS_BACK, DAYS_AHEAD] = [-2, 6];
const TICK_MS = 20000;

/** The calendar's day of the viewer, some days from now. @type {(days: number, now: number) => string} */
function dayName(days, now) {
	const d = new Date(now);
	d.setDate(d.getDate() + days);
	return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
}

export default {
	setup() {
		const route = useRoute();
		const router = useRouter();
		const opened = shallowRef(Number(route.query.programme) || 0);
		const earlier = ref(false);
		const day = computed(() => Math.max(-7, Math.min(7, Number(route.query.day) || 0)));

		const now = useNow(TICK_MS);
		const date = computed(() => dayName(day.value, now.value));

		const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
		const path = `/livetv/channels/${route.params.id}`;
		const { data: channel, problem: lost, load: loadChannel } = useLoad(() => api.get(path), (c) => entitle(c.name));
		const { data: programmes, problem: failed, load: loadDay } = useLoad(() => api.get(`${path}/epg`, { date: date.value, tz }).then((d) => d.items));
		const problem = computed(() => !channel.value && lost.value || failed.value);

		function load() {
			if (!channel.value)
				loadChannel();
			loadDay();
		}
		onMounted(load);
		watch(date, () => { // by a choice, or at midnight
			programmes.value = null;
			loadDay();
		});
		watch(now, () => {
			if (channel.value?.now && Date.parse(channel.value.now.end) <= now.value)
				loadChannel();
		});

		/** The day from what is on; what was before is one button away. @param {any[]} all */
		function schedule(all) {
			const over = all.filter((p) => Date.parse(p.end) <= now.value);
			const hidden = !earlier.value && day.value === 0 && over.length < all.length ? over.length : 0;
			return html`${hidden ? html`<p class="row"><button type="button" onClick=${() => { earlier.value = true; }}>${t('live.earlier')}</button></p>` : null}
				<ol class="schedule">${all.slice(hidden).map(row)}</ol>`;
		}

		/** @param {any} p */
		function row(p) {
			const past = Date.parse(p.end) <= now.value;
			const on = !past && Date.parse(p.start) <= now.value;
			return html`<li key=${p.id} class=${on ? 'on' : past ? 'past' : ''}><button type="button" onClick=${() => { opened.value = p.id; }}>
				<time datetime=${p.start}>${clock(p.start)}</time><span class="about"><strong>${p.title}</strong><span class="quiet small">${[p.subtitle, p.category].filter(Boolean).join(' · ')}</span>
				${on ? html`<${Progress} value=${passed(p.start, p.end, now.value)} label=${t('live.passed')} />` : null}</span></button></li>`;
		}

		function top() {
			const c = channel.value;
			return html`<div class="channel-top"><${Picture} item=${{ id: c.now?.id || c.id, kind: 'channel', title: c.now?.title || c.name }} wide=${true} plain=${true} />
				<div><p class="over-title">${t('kind.channel')} ${c.number}</p><h1>${c.name}</h1>
				${c.now ? html`<p class="on-now"><strong>${c.now.title}</strong> <span class="quiet">${clock(c.now.start)}–${clock(c.now.end)}</span></p>` : null}
				<div class="row">${Ways(c.now || { start: new Date(0).toISOString(), end: new Date(8e15).toISOString() }, c.now ? c : { id: c.id })}</div>
				${c.catchup_hours ? html`<p class="quiet small">${c.catchup_hours % 24 ? t('live.catch_up_hours', { n: c.catchup_hours }) : t('live.catch_up_days', { n: c.catchup_hours / 24 })}</p>` : null}</div></div>`;
		}

		return () => html`<main class="page channel-page" id="main" tabindex="-1">
			${channel.value ? top() : null}
			${channel.value ? html`<${Days} first=${DAYS_BACK} last=${DAYS_AHEAD} day=${day.value} onChoose=${(/** @type {number} */ d) => router.replace({ query: { day: d || undefined } })} />` : null}
			${problem.value ? html`<${Failed} problem=${problem.value} missing="live.channel_missing" onRetry=${load} />`
		: !programmes.value ? html`<${Skeleton} shape="rows" n=${8} />`
			: programmes.value.length ? schedule(programmes.value) : html`<${Empty} icon="guide" title=${t('guide.none')} />`}
			${opened.value ? html`<${ProgrammeDialog} id=${opened.value} channel=${channel.value} onClose=${() => { opened.value = 0; }} />` : null}
		</main>`;
	},
};
