// The days around today, one of them chosen and in sight.
import { onMounted, onUpdated, ref } from 'vue';
import { time } from '../core/clock.js';
import { weekday } from '../core/format.js';
import { html } from '../core/html.js';
import { t } from '../core/text.js';

/** Midnight of the viewer, some days from now; days have 23 to 25 hours. @type {(days: number, now?: number) => number} */
export function midnight(days, now = time()) {
	const d = new Date(now);
	return new Date(d.getFullYear(), d.getMonth(), d.getDate() + days).getTime();
}

/** @param {number} days */
function dayLabel(days) {
	const named = { '-1': 'guide.yesterday', 0: 'guide.today', 1: 'guide.tomorrow' }[days];
	return named ? t(named) : weekday(midnight(days));
}

export const Days = {
	props: ['first', 'last', 'day'],
	emits: ['choose'],
	/**
	 * @param {{first: number, last: number, day: number}} props
	 * @param {any} context
	 */
	setup(props, { emit }) {
		const strip = ref(/** @type {HTMLElement | null} */ (null));
		let shown = NaN;

		function look() {
			const e = strip.value;
			const chosen = /** @type {HTMLElement | null | undefined} */ (e?.querySelector('[aria-pressed="true"]'));
			if (!e || !chosen || shown === props.day)
				return;
			e.scrollLeft = chosen.offsetLeft - (e.clientWidth - chosen.offsetWidth) / 2;
			shown = props.day;
		}
		onMounted(look);
		onUpdated(look);

		return () => html`<div class="chips days" ref=${strip} role="group" aria-label=${t('guide.days')}>
			${Array.from({ length: props.last - props.first + 1 }, (_, i) => props.first + i).map((d) => html`<button type="button" key=${d}
				aria-pressed=${d === props.day} onClick=${() => emit('choose', d)}>${dayLabel(d)}</button>`)}
		</div>`;
	},
};
