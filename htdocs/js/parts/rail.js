// A row of cards that scrolls sideways: by wheel, finger, buttons, or with the focus.
import { onMounted, onUpdated, ref } from 'vue';
import { RouterLink } from 'vue-router';
import { html } from '../core/html.js';
import { motion } from '../core/spatial.js';
import { t } from '../core/text.js';
import { Icon } from './icon.js';

export const Rail = {
	props: ['title', 'to', 'wide'],
	/**
	 * @param {{title: string, to?: any, wide?: boolean}} props
	 * @param {any} context
	 */
	setup(props, { slots }) {
		const strip = ref(/** @type {HTMLElement | null} */ (null));
		const ends = ref([true, true]);

		function look() {
			const e = strip.value;
			if (!e)
				return;
			const now = [e.scrollLeft <= 4, e.scrollLeft + e.clientWidth >= e.scrollWidth - 4];
			if (now[0] !== ends.value[0] || now[1] !== ends.value[1])
				ends.value = now;
		}
		onMounted(look);
		onUpdated(look);

		/** @param {number} way */
		function turn(way) {
			strip.value?.scrollBy({ left: way * strip.value.clientWidth * 0.85, behavior: motion() });
		}

		/** @type {(way: number, icon: string) => any} */
		const button = (way, icon) => html`<button type="button" class=${`turn ${icon}`} tabindex="-1" aria-hidden="true"
			disabled=${ends.value[way < 0 ? 0 : 1]} onClick=${() => turn(way)}><${Icon} name=${icon} /></button>`;

		return () => html`<section class=${props.wide ? 'rail wide' : 'rail'} aria-label=${props.title}>
			<h2>${props.title}${props.to ? html`<${RouterLink} to=${props.to} class="all">${t('all')}<span class="hide"> ${props.title}</span><${Icon} name="right" /><//>` : null}</h2>
			<div class="held">
				${button(-1, 'left')}
				<div class="strip" ref=${strip} onScroll=${look}>${slots.default()}</div>
				${button(1, 'right')}
			</div>
		</section>`;
	},
};
