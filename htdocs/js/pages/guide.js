// The guide: channels down, time across. Only the rows and hours near the screen are in the
// document, whatever the number of channels; parts/sheet.js draws them.
import { computed, nextTick, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { useAgain } from '../core/again.js';
import { time as present } from '../core/clock.js';
import { clock, count } from '../core/format.js';
import { useChannels, useProgrammes } from '../core/guide.js';
import { html } from '../core/html.js';
import { useNow } from '../core/now.js';
import { cameBack } from '../core/place.js';
import { t } from '../core/text.js';
import { Days, midnight } from '../parts/days.js';
import { Icon } from '../parts/icon.js';
import { ProgrammeDialog } from '../parts/programme.js';
import { makeSheet } from '../parts/sheet.js';
import { Empty, Failed, Skeleton } from '../parts/states.js';

const HOUR = 3600000;
const OVERSCAN = 8;
const DAYS_BACK = 2;
const DAYS_AHEAD = 7;
const DIGIT_PAUSE_MS = 1200;
/** How often programmes are asked for while one scrolls, and how many times as far ahead. */
const PACE_MS = 80;
const AHEAD = 5;
const NIGHT = 6;
const TICK_MS = 20000;

/** @typedef {import('../core/guide.js').Channel} Channel */
/** @typedef {import('../core/guide.js').Programme} Programme */
/** @typedef {{rowHeight: number, head: number, ruler: number, px: number, width: number, height: number}} Sizes */

/** The half hour before; programmes mostly begin at one. @param {number} time */
const halfBefore = (time) => Math.floor(time / HOUR * 2) * HOUR / 2;

/** @param {HTMLElement} e */
function measure(e) {
	const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
	const narrow = e.clientWidth < 44 * rem;
	return { rowHeight: Math.round(rem * (narrow ? 3.8 : 4.2)), head: Math.round(rem * (narrow ? 6.6 : 13)),
		ruler: Math.round(rem * 2.2), px: rem * (narrow ? 11 : 15) / HOUR, width: e.clientWidth, height: e.clientHeight };
}

/** What was aimed at when the guide was left last. @type {{row: number, time: number, day: number} | null} */
let lastAim = null;

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

/**
 * Asks for what is near, and while one scrolls for what will be; not for what flies past.
 * @param {(first: number, last: number, from: number, to: number) => void} want
 */
function usePace(want) {
	let [first, last, from, to, before] = [0, 0, 0, 0, 0];
	let changed = false;
	let /** @type {any} */ timer = 0;

	function ask() {
		const moved = first - before;
		before = first;
		timer = changed ? setTimeout(ask, PACE_MS) : 0;
		changed = false;
		if (Math.abs(moved) <= last - first)
			want(Math.max(0, first + AHEAD * Math.min(0, moved)), last + AHEAD * Math.max(0, moved), from, to);
	}

	/** @type {typeof want} */
	function near(...now) {
		changed = true;
		[first, last, from, to] = now;
		if (timer)
			return;
		before = first;
		ask();
	}
	onBeforeUnmount(() => clearTimeout(timer));
	return near;
}

export default {
	setup() {
		const route = useRoute();
		const router = useRouter();
		const source = useChannels();
		const { text, group, groups, rows } = useFilter(source.channels);
		const guide = useProgrammes(() => rows.value);
		const place = ref(/** @type {HTMLElement | null} */ (null));
		const lines = ref(/** @type {HTMLElement | null} */ (null));
		const heads = ref(/** @type {HTMLElement | null} */ (null));
		const sizes = shallowRef(/** @type {Sizes} */ ({ rowHeight: 67, head: 208, ruler: 35, px: 240 / HOUR, width: 1280, height: 600 }));
		const now = useNow(TICK_MS);
		const at = shallowRef({ row: 0, time: present() });
		const digits = ref('');
		const opened = shallowRef(/** @type {{id: number, channel: any} | null} */ (route.query.programme ? { id: Number(route.query.programme), channel: null } : null));
		const day = computed(() => Math.max(-DAYS_BACK, Math.min(DAYS_AHEAD, Number(route.query.day) || 0)));
		// of the day that it is by now
		const start = computed(() => midnight(day.value, now.value));
		// some hours on, so that a night is not cut at midnight
		const end = computed(() => midnight(day.value + 1, now.value) + NIGHT * HOUR);
		/** Where somebody was, who comes back. */
		let back = cameBack() && lastAim?.day === day.value ? lastAim : null;
		/** @type {ReturnType<typeof makeSheet> | null} */
		let sheet = null;
		/** @type {ResizeObserver} */
		let observer;
		/** @type {any} */
		let digitTimer;
		const fetchNear = usePace(guide.want);

		/** @param {Event} event */
		function onFocus(event) {
			const found = sheet?.whatIs(event.target);
			if (!found)
				return;
			const { row, programme: p } = found;
			const { time } = at.value;
			aim(row, p && (time < p.from || time >= p.to) ? Math.max(p.from, start.value) : time);
		}

		const x = (/** @type {number} */ time) => (time - start.value) * sizes.value.px;

		/** @type {(row: number, time: number) => void} */
		function aim(row, time) {
			at.value = { row, time };
			sheet?.aimAt(row, time);
		}

		function look() {
			const e = place.value;
			if (!e || !sheet)
				return;
			const { rowHeight, head, px, width, height } = sizes.value;
			const { scrollTop, scrollLeft: left } = e;
			const [top, bottom] = [Math.floor(scrollTop / rowHeight), Math.min(rows.value.length, Math.ceil((scrollTop + height) / rowHeight))];
			const first = Math.max(0, top - OVERSCAN);
			const last = Math.min(rows.value.length, bottom + OVERSCAN);
			const from = Math.max(start.value, start.value + Math.floor(left / px / HOUR - 1) * HOUR);
			const to = Math.min(end.value, start.value + Math.ceil((left + width - head) / px / HOUR + 1) * HOUR);
			sheet.draw({ channels: rows.value, first, last, top, bottom, from, to, left, px, rowHeight, start: start.value, end: end.value, now: now.value });
			fetchNear(first, last, from, to);
		}

		/** What is where somebody looks stays there, in whatever size: once the sheet has it. */
		function fit() {
			const e = place.value;
			if (!e)
				return;
			const { px, rowHeight } = sizes.value;
			const [time, row] = [e.scrollLeft / px, e.scrollTop / rowHeight];
			sizes.value = measure(e);
			if (px !== sizes.value.px || rowHeight !== sizes.value.rowHeight) {
				nextTick(() => {
					e.scrollTo(time * sizes.value.px, row * sizes.value.rowHeight);
					look();
				});
			}
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

		/** @type {(row: number, time: number) => void} */
		function go(row, time) {
			aim(Math.max(0, Math.min(rows.value.length - 1, row)), time);
			showRow(at.value.row);
			showTime(Math.max(start.value, Math.min(end.value - 1, time)));
			sheet?.focus();
		}

		/** @param {number} days @param {number} [time] */
		function goDay(days, time) {
			router.replace({ query: { ...route.query, day: days || undefined } }).then(() => {
				const keep = time ?? (days ? midnight(days) + 19 * HOUR : present());
				aim(at.value.row, keep);
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
			n: () => day.value ? goDay(0) : go(at.value.row, present()),
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

		/** @param {Event} event */
		function onClick(event) {
			const found = sheet?.whatIs(event.target);
			if (!found)
				return;
			event.preventDefault();
			onFocus(event);
			if (found.programme)
				opened.value = { id: found.programme.id, channel: found.channel };
			else
				router.push({ name: 'channel', params: { id: found.channel.id } });
		}

		onMounted(() => {
			observer = new ResizeObserver(fit);
		});
		watch(now, () => sheet?.tick(now.value));
		// what there is stays, and the rest is asked for again
		useAgain(() => rows.value.length ? source.problem.value : null, source.load);
		// the grid is not there while the channels cannot be had
		watch(place, (e) => {
			observer.disconnect();
			sheet?.end();
			sheet = e && makeSheet(/** @type {HTMLElement} */ (lines.value), /** @type {HTMLElement} */ (heads.value), guide.read);
			if (!e)
				return;
			observer.observe(e);
			fit();
			nextTick(() => {
				if (back)
					go(back.row, back.time);
				else
					showTime(day.value ? start.value + 19 * HOUR : present());
				back = null;
			});
		}, { flush: 'post' });
		onBeforeUnmount(() => {
			observer.disconnect();
			sheet?.end();
			clearTimeout(digitTimer);
			lastAim = { ...at.value, day: day.value };
		});
		watch([rows, start], look, { flush: 'post' });
		watch(guide.version, () => {
			sheet?.refresh();
			look();
		});
		watch([text, group], () => { if (place.value) place.value.scrollTop = 0; });

		function ruler() {
			const out = [];
			for (let time = start.value; time < end.value; time += HOUR / 2)
				out.push(html`<span key=${time} style=${{ left: `${x(time)}px` }}>${clock(time)}</span>`);
			const mark = now.value >= start.value && now.value < end.value ? html`<i class="now-mark" style=${{ left: `${x(now.value)}px` }}></i>` : null;
			return html`<div class="ruler" aria-hidden="true"><span class="corner"></span><div class="hours">${out}${mark}</div></div>`;
		}

		function grid() {
			const { rowHeight, head, ruler: top, px } = sizes.value;
			const width = (end.value - start.value) * px;
			const height = rows.value.length * rowHeight;
			const style = { '--row': `${rowHeight}px`, '--head': `${head}px`, '--ruler': `${top}px` };
			return html`<div class="guide" ref=${place} style=${style} onScrollPassive=${look} onKeydown=${onKey} onFocusin=${onFocus} onClick=${onClick}>
				<div class="sheet" style=${{ width: `${head + width}px`, height: `${top + height}px` }}>
					${ruler()}
					<div class="programmes" ref=${lines} role="grid" aria-label=${t('nav.guide')} aria-rowcount=${rows.value.length}></div>
					${now.value >= start.value && now.value < end.value ? html`<i class="now-line" style=${{ left: `${head + x(now.value)}px` }}></i>` : null}
					${source.channels.value.length || source.complete.value ? null : html`<${Skeleton} shape="lines" n=${12} />`}
					<div class="heads" ref=${heads} style=${{ height: `${height}px` }}></div>
				</div>
			</div>`;
		}

		return () => html`<main class="guide-page" id="main" tabindex="-1">
			<h1 class="hide">${t('nav.guide')}</h1>
			<div class="guide-tools">
				<${Days} first=${-DAYS_BACK} last=${DAYS_AHEAD} day=${day.value} onChoose=${goDay} />
				<span class="grow"></span>
				<button type="button" class="now" aria-label=${t('guide.now')} onClick=${keys.n}><${Icon} name="clock" /><span>${t('guide.now')}</span></button>
				${groups.value.length ? html`<span class="select"><select aria-label=${t('guide.group')} value=${group.value} onChange=${(/** @type {any} */ e) => { group.value = e.target.value; }}>
					<option value="">${t('guide.all')}</option>${groups.value.map((g) => html`<option value=${g}>${g}</option>`)}</select></span>` : null}
				<input type="search" aria-label=${t('guide.find')} placeholder=${t('guide.find')} value=${text.value} onInput=${(/** @type {any} */ e) => { text.value = e.target.value; }} />
				<span class="quiet small tally" role="status">${!source.channels.value.length ? '' : t('guide.channels', { n: rows.value.length, count: count(rows.value.length) })}${source.complete.value || !source.channels.value.length ? '' : ' …'}</span>
			</div>
			${source.problem.value && !rows.value.length ? html`<${Failed} problem=${source.problem.value} onRetry=${source.load} />` : grid()}
			${source.complete.value && !rows.value.length ? html`<${Empty} icon="guide" title=${t('guide.empty')} />` : null}
			${digits.value ? html`<p class="dial" role="status">${digits.value}</p>` : null}
			${opened.value ? html`<${ProgrammeDialog} key=${opened.value.id} id=${opened.value.id} channel=${opened.value.channel} onClose=${() => {
		opened.value = null;
		sheet?.focus();
	}} />` : null}
		</main>`;
	},
};
