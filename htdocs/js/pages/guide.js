// The guide: channels down, time across. Only the rows and hours near the screen are in the
// document, whatever the number of channels.
import { computed, nextTick, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { ownPicture } from '../core/art.js';
import { clock, count, weekday } from '../core/format.js';
import { useChannels, useProgrammes } from '../core/guide.js';
import { html } from '../core/html.js';
import { t } from '../core/text.js';
import { Icon } from '../parts/icon.js';
import { ProgrammeDialog } from '../parts/programme.js';
import { Empty, Failed } from '../parts/states.js';

const HOUR = 3600000;
const OVERSCAN = 8;
const DAYS_BACK = 2;
const DAYS_AHEAD = 7;
const DIGIT_PAUSE_MS = 1200;
const SETTLE_MS = 60;
const NIGHT = 6;
/** Below this part of a row's height a programme is too short for two lines of text. */
const BRIEF = 1.25;

/** @typedef {import('../core/guide.js').Channel} Channel */
/** @typedef {import('../core/guide.js').Programme} Programme */
/** @typedef {{row: number, rowHeight: number, head: number, ruler: number, px: number, width: number, height: number}} Sizes */

/** Midnight of the viewer, some days from now; days have 23 to 25 hours. @param {number} days */
function midnight(days) {
	const d = new Date();
	return new Date(d.getFullYear(), d.getMonth(), d.getDate() + days).getTime();
}

/** The half hour before; programmes mostly begin at one. @param {number} time */
const halfBefore = (time) => Math.floor(time / HOUR * 2) * HOUR / 2;

/** @param {HTMLElement} e */
function measure(e) {
	const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
	const narrow = e.clientWidth < 44 * rem;
	return { rowHeight: Math.round(rem * (narrow ? 3.8 : 4.2)), head: Math.round(rem * (narrow ? 6.2 : 13)),
		ruler: Math.round(rem * 2.2), px: rem * (narrow ? 11 : 15) / HOUR, width: e.clientWidth, height: e.clientHeight };
}

/** The filters: part of a name or number, and a group. */
function useFilter(/** @type {import('vue').Ref<Channel[]>} */ channels) {
	const text = ref('');
	const group = ref('');
	const groups = computed(() => [...new Set(channels.value.map((c) => c.group).filter(Boolean))].sort());
	const rows = computed(() => {
		const needle = text.value.trim().toLowerCase();
		if (!needle && !group.value)
			return channels.value.slice();
		return channels.value.filter((c) => (!group.value || c.group === group.value) &&
			(!needle || c.name.toLowerCase().includes(needle) || String(c.number).startsWith(needle)));
	});
	return { text, group, groups, rows };
}

export default {
	setup() {
		const route = useRoute();
		const router = useRouter();
		const source = useChannels();
		const { text, group, groups, rows } = useFilter(source.channels);
		const guide = useProgrammes(() => rows.value);
		const place = ref(/** @type {HTMLElement | null} */ (null));
		const sizes = shallowRef(/** @type {any} */ ({ rowHeight: 67, head: 208, ruler: 35, px: 240 / HOUR, width: 1280, height: 600 }));
		const view = shallowRef({ first: 0, last: 20, from: 0, to: 0 });
		const now = ref(Date.now());
		const at = shallowRef({ row: 0, time: Date.now() });
		const digits = ref('');
		const opened = shallowRef(/** @type {{id: number, channel: any} | null} */ (route.query.programme ? { id: Number(route.query.programme), channel: null } : null));
		const day = computed(() => Math.max(-DAYS_BACK, Math.min(DAYS_AHEAD, Number(route.query.day) || 0)));
		const start = computed(() => midnight(day.value));
		// some hours on, so that a night is not cut at midnight
		const end = computed(() => midnight(day.value + 1) + NIGHT * HOUR);
		/** @type {ResizeObserver} */
		let observer;
		let /** @type {any} */ settle, /** @type {any} */ clockTimer, /** @type {any} */ digitTimer;

		/** Where the focus comes in: where it was, or else what is on the screen. */
		const door = computed(() => {
			const { first, last } = view.value;
			return at.value.row >= first && at.value.row < last ? at.value.row : Math.min(first + OVERSCAN, Math.max(0, last - 1));
		});

		/** @param {FocusEvent} event */
		function onFocus(event) {
			const row = Number(/** @type {Element} */ (event.target).closest('.line')?.getAttribute('aria-rowindex')) - 1;
			if (row >= 0 && row !== at.value.row)
				at.value = { row, time: at.value.time };
		}

		const x = (/** @type {number} */ time) => (time - start.value) * sizes.value.px;

		function look() {
			const e = place.value;
			if (!e)
				return;
			const { rowHeight, head, px, width, height } = sizes.value;
			const first = Math.max(0, Math.floor(e.scrollTop / rowHeight) - OVERSCAN);
			const last = Math.min(rows.value.length, Math.ceil((e.scrollTop + height) / rowHeight) + OVERSCAN);
			const from = start.value + Math.floor(e.scrollLeft / px / HOUR - 1) * HOUR;
			const to = start.value + Math.ceil((e.scrollLeft + width - head) / px / HOUR + 1) * HOUR;
			const v = view.value;
			if (v.first === first && v.last === last && v.from === from && v.to === to)
				return;
			view.value = { first, last, from: Math.max(from, start.value), to: Math.min(to, end.value) };
			clearTimeout(settle);
			settle = setTimeout(() => guide.want(first, last, view.value.from, view.value.to), SETTLE_MS);
		}

		function fit() {
			if (place.value)
				sizes.value = measure(place.value);
			look();
		}

		/** @param {number} time */
		function showTime(time) {
			const e = place.value;
			if (!e)
				return;
			const visible = sizes.value.width - sizes.value.head;
			if (time < start.value + e.scrollLeft / sizes.value.px || time > start.value + (e.scrollLeft + visible * 0.85) / sizes.value.px)
				e.scrollLeft = x(halfBefore(time - visible * 0.1 / sizes.value.px));
			look();
		}

		/** @param {number} row */
		function showRow(row) {
			const e = place.value;
			const { rowHeight, ruler, height } = sizes.value;
			if (!e)
				return;
			if (row * rowHeight < e.scrollTop)
				e.scrollTop = row * rowHeight;
			else if ((row + 1) * rowHeight + ruler > e.scrollTop + height)
				e.scrollTop = (row + 1) * rowHeight + ruler - height;
			look();
		}

		async function focusCell() {
			await nextTick();
			/** @type {HTMLElement | null | undefined} */ (place.value?.querySelector('[data-at]'))?.focus({ preventScroll: true });
		}

		/** @type {(row: number, time: number) => void} */
		function go(row, time) {
			at.value = { row: Math.max(0, Math.min(rows.value.length - 1, row)), time };
			showRow(at.value.row);
			showTime(Math.max(start.value, Math.min(end.value - 1, time)));
			focusCell();
		}

		/** @param {number} days @param {number} [time] */
		function goDay(days, time) {
			router.replace({ query: { ...route.query, day: days || undefined } }).then(() => {
				const keep = time ?? (days ? midnight(days) + 19 * HOUR : Date.now());
				at.value = { row: at.value.row, time: keep };
				const e = place.value;
				if (e)
					e.scrollLeft = x(halfBefore(keep - HOUR / 4));
				look();
			});
		}

		/** @type {(step: number) => void} */
		function goAside(step) {
			const { programmes } = guide.read(at.value.row, start.value, end.value);
			const i = programmes.findIndex((p) => p.from <= at.value.time && at.value.time < p.to);
			const p = programmes[i + step];
			const time = p && i >= 0 ? p.from : at.value.time + step * HOUR / 2;
			if (time < start.value && day.value > -DAYS_BACK)
				goDay(day.value - 1, time);
			else if (time >= end.value - NIGHT * HOUR / 2 && day.value < DAYS_AHEAD)
				goDay(day.value + 1, time);
			else
				go(at.value.row, time);
		}

		/** Typed numbers are those of channels. @param {string} digit */
		function dial(digit) {
			digits.value = (digits.value + digit).slice(-6);
			clearTimeout(digitTimer);
			digitTimer = setTimeout(() => {
				const wanted = Number(digits.value);
				digits.value = '';
				const i = rows.value.findIndex((c) => c.number >= wanted);
				if (i >= 0)
					go(i, at.value.time);
			}, DIGIT_PAUSE_MS);
		}

		/** @type {Record<string, () => void>} */
		const keys = {
			ArrowUp: () => go(at.value.row - 1, at.value.time),
			ArrowDown: () => go(at.value.row + 1, at.value.time),
			ArrowLeft: () => goAside(-1),
			ArrowRight: () => goAside(1),
			PageUp: () => go(at.value.row - Math.floor(sizes.value.height / sizes.value.rowHeight) + 1, at.value.time),
			PageDown: () => go(at.value.row + Math.floor(sizes.value.height / sizes.value.rowHeight) - 1, at.value.time),
			Home: () => go(0, at.value.time),
			End: () => go(rows.value.length - 1, at.value.time),
			n: () => day.value ? goDay(0) : go(at.value.row, Date.now()),
			'+': () => goDay(Math.min(DAYS_AHEAD, day.value + 1)),
			'-': () => goDay(Math.max(-DAYS_BACK, day.value - 1)),
		};

		/** @param {KeyboardEvent} event */
		function onKey(event) {
			if (event.ctrlKey || event.altKey || event.metaKey || /** @type {Element} */ (event.target).closest('dialog'))
				return;
			if (event.key === 'ArrowUp' && at.value.row === 0)
				return; // on to the days, as the arrows of every page do
			if (/^\d$/.test(event.key))
				dial(event.key);
			else if (keys[event.key])
				keys[event.key]();
			else
				return;
			event.preventDefault();
			event.stopPropagation();
		}

		onMounted(() => {
			observer = new ResizeObserver(fit);
			if (place.value)
				observer.observe(place.value);
			fit();
			clockTimer = setInterval(() => { now.value = Date.now(); }, 20000);
			nextTick(() => showTime(day.value ? start.value + 19 * HOUR : Date.now()));
		});
		onBeforeUnmount(() => {
			observer.disconnect();
			[settle, digitTimer].forEach(clearTimeout);
			clearInterval(clockTimer);
		});
		watch([() => rows.value.length, start], () => {
			view.value = { ...view.value, last: -1 };
			look();
		}, { flush: 'post' });
		watch([text, group], () => { if (place.value) place.value.scrollTop = 0; });

		/** @param {number} i */
		function open(i, /** @type {Programme} */ p) {
			at.value = { row: i, time: Math.max(p.from, start.value) };
			opened.value = { id: p.id, channel: rows.value[i] };
		}

		/** @type {(p: Programme, i: number) => any} */
		function cell(p, i) {
			const left = x(Math.max(p.from, start.value));
			const width = x(Math.min(p.to, end.value)) - left;
			const on = p.from <= now.value && now.value < p.to;
			const here = door.value === i && p.from <= at.value.time && at.value.time < p.to;
			return html`<button type="button" role="gridcell" key=${p.id} class=${['cell', on ? 'on' : p.to <= now.value ? 'past' : '', width < BRIEF * sizes.value.rowHeight ? 'brief' : '',
				p.from < view.value.from + 2 * HOUR ? 'early' : '']} style=${{ left: `${left}px`, width: `${width}px` }}
				tabindex=${here ? 0 : -1} data-at=${here ? '' : null} onClick=${() => open(i, p)}>
				<span class="in"><strong>${p.title}</strong><span>${clock(p.from)}${p.subtitle ? ` · ${p.subtitle}` : ''}</span></span></button>`;
		}

		/** @param {number} i */
		function line(i) {
			const channel = rows.value[i];
			const { from, to } = view.value;
			const { programmes, missing } = guide.read(i, from, to);
			const logo = ownPicture(channel.logo);
			const here = door.value === i && !programmes.some((p) => p.from <= at.value.time && at.value.time < p.to);
			return html`<div role="row" key=${channel.id} class="line" aria-rowindex=${i + 1} style=${{ top: `${i * sizes.value.rowHeight}px` }}>
				<a role="rowheader" class="head" href=${`/app/channels/${channel.id}`} tabindex=${here ? 0 : -1} data-at=${here ? '' : null}
					onClick=${(/** @type {Event} */ e) => { e.preventDefault(); router.push({ name: 'channel', params: { id: channel.id } }); }}>
					<b>${channel.number}</b>${logo ? html`<img src=${logo} alt="" />` : null}<span>${channel.name}</span></a>
				${programmes.map((p) => cell(p, i))}
				${missing ? html`<span role="gridcell" class="cell ghost" aria-label=${t('state.loading')} style=${{ left: `${x(from)}px`, width: `${x(to) - x(from)}px` }}></span>`
		: programmes.length ? null : html`<span role="gridcell" class="cell none early" style=${{ left: `${x(from)}px`, width: `${x(to) - x(from)}px` }}><span class="in">${t('guide.none')}</span></span>`}
			</div>`;
		}

		function ruler() {
			const out = [];
			for (let time = start.value; time < end.value; time += HOUR / 2)
				out.push(html`<span key=${time} style=${{ left: `${x(time)}px` }}>${clock(time)}</span>`);
			const mark = now.value >= start.value && now.value < end.value ? html`<i class="now-mark" style=${{ left: `${x(now.value)}px` }}></i>` : null;
			return html`<div class="ruler" aria-hidden="true"><span class="corner"></span><div class="hours">${out}${mark}</div></div>`;
		}

		function days() {
			const out = [];
			for (let d = -DAYS_BACK; d <= DAYS_AHEAD; d++)
				out.push(html`<button type="button" key=${d} aria-pressed=${d === day.value} onClick=${() => goDay(d)}>${d === 0 ? t('guide.today') : d === 1 ? t('guide.tomorrow') : d === -1 ? t('guide.yesterday') : weekday(midnight(d))}</button>`);
			return html`<div class="chips days" role="group" aria-label=${t('guide.days')}>${out}</div>`;
		}

		function grid() {
			void guide.version.value;
			const { rowHeight, head, ruler: top, px } = sizes.value;
			const width = (end.value - start.value) * px;
			const lines = [];
			for (let i = view.value.first; i < Math.min(view.value.last, rows.value.length); i++)
				lines.push(line(i));
			const style = { '--row': `${rowHeight}px`, '--head': `${head}px`, '--ruler': `${top}px`, '--half': `${px * HOUR / 2}px` };
			return html`<div class="guide" ref=${place} style=${style} role="grid" aria-label=${t('nav.guide')} aria-rowcount=${rows.value.length} onScroll=${look} onKeydown=${onKey} onFocusin=${onFocus}>
				<div class="sheet" style=${{ width: `${head + width}px`, height: `${top + rows.value.length * rowHeight}px` }}>
					${ruler()}
					<div class="sheet-rows" role="rowgroup">${lines}
						${now.value >= start.value && now.value < end.value ? html`<i class="now-line" style=${{ left: `${head + x(now.value)}px` }}></i>` : null}</div>
				</div>
			</div>`;
		}

		return () => html`<main class="guide-page" id="main" tabindex="-1">
			<h1 class="hide">${t('nav.guide')}</h1>
			<div class="guide-tools">
				${days()}
				<span class="grow"></span>
				<button type="button" class="now" onClick=${keys.n}><${Icon} name="clock" />${t('guide.now')}</button>
				${groups.value.length ? html`<span class="select"><select aria-label=${t('guide.group')} value=${group.value} onChange=${(/** @type {any} */ e) => { group.value = e.target.value; }}>
					<option value="">${t('guide.all')}</option>${groups.value.map((g) => html`<option value=${g}>${g}</option>`)}</select></span>` : null}
				<input type="search" aria-label=${t('guide.find')} placeholder=${t('guide.find')} value=${text.value} onInput=${(/** @type {any} */ e) => { text.value = e.target.value; }} />
				<span class="quiet small tally" role="status">${t('guide.channels', { n: rows.value.length, count: count(rows.value.length) })}${source.complete.value ? '' : ' …'}</span>
			</div>
			${source.problem.value && !rows.value.length ? html`<${Failed} problem=${source.problem.value} onRetry=${source.load} />` : grid()}
			${source.complete.value && !rows.value.length ? html`<${Empty} icon="guide" title=${t('guide.empty')} />` : null}
			${digits.value ? html`<p class="dial" role="status">${digits.value}</p>` : null}
			${opened.value ? html`<${ProgrammeDialog} key=${opened.value.id} id=${opened.value.id} channel=${opened.value.channel} onClose=${() => {
		opened.value = null;
		focusCell();
	}} />` : null}
		</main>`;
	},
};
