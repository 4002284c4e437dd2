// Cards of a list of any length: only the rows near the screen are in the document.
import { computed, onBeforeUnmount, onMounted, ref, watch } from 'vue';
import { html } from '../core/html.js';
import { t } from '../core/text.js';
import { Card } from './card.js';
import { Empty, Failed, Skeleton } from './states.js';

const OVERSCAN = 2;
/** Rows before the end at which more are asked for. */
const AHEAD = 8;
/** What stands below a picture: a line, or three with what comes next. */
const CAPTION_REM = { poster: 2, wide: 5 };
/** What can be done with it, below that. */
const BUTTON_REM = 2.6;

/** @typedef {{columns: number, height: number, gap: number}} Shape */

/** @type {(e: HTMLElement, wide: boolean, below: boolean) => Shape} */
function measure(e, wide, below) {
	const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
	const gap = rem * (e.clientWidth < 700 ? 0.75 : 1.25);
	const least = rem * (wide ? 16 : 9.5);
	const columns = Math.max(wide ? 1 : 2, Math.floor((e.clientWidth + gap) / (least + gap)));
	const width = (e.clientWidth - gap * (columns - 1)) / columns;
	const under = CAPTION_REM[wide ? 'wide' : 'poster'] + (below ? BUTTON_REM : 0);
	return { columns, height: Math.round(width * (wide ? 9 / 16 : 1.5) + rem * under + gap), gap };
}

export const Grid = {
	props: ['list', 'card', 'wide', 'below', 'empty'],
	/** @param {{list: import('../core/lists.js').List, card?: (item: any) => any, wide?: boolean, below?: boolean, empty?: string}} props */
	setup(props) {
		const place = ref(/** @type {HTMLElement | null} */ (null));
		const shape = ref(/** @type {Shape} */ ({ columns: 6, height: 320, gap: 20 }));
		const span = ref([0, 8]);
		const rows = computed(() => Math.ceil(props.list.items.value.length / shape.value.columns));
		/** @type {ResizeObserver} */
		let observer;

		function look() {
			const e = place.value;
			if (!e)
				return;
			const above = -e.getBoundingClientRect().top;
			const { height } = shape.value;
			const first = Math.max(0, Math.floor(above / height) - OVERSCAN);
			const last = Math.min(rows.value, Math.ceil((above + innerHeight) / height) + OVERSCAN);
			if (first !== span.value[0] || last !== span.value[1])
				span.value = [first, last];
			if (last >= rows.value - AHEAD && props.list.state.value === 'idle')
				props.list.more();
		}

		function fit() {
			if (place.value)
				shape.value = measure(place.value, !!props.wide, !!props.below);
			look();
		}

		onMounted(() => {
			observer = new ResizeObserver(fit);
			if (place.value)
				observer.observe(place.value);
			fit();
			addEventListener('scroll', look, { passive: true });
		});
		onBeforeUnmount(() => {
			observer.disconnect();
			removeEventListener('scroll', look);
		});
		watch([() => props.list, () => props.list.items.value, () => props.list.state.value], look, { flush: 'post' });

		const card = (/** @type {any} */ item) => props.card ? props.card(item) : html`<${Card} item=${item} />`;

		function end() {
			const { list } = props;
			if (list.state.value === 'failed')
				return html`<${Failed} problem=${list.problem.value} onRetry=${list.more} />`;
			if (list.state.value === 'done' && !list.items.value.length)
				return html`<${Empty} title=${props.empty || t('state.empty')} />`;
			if (list.state.value === 'loading')
				return html`<${Skeleton} shape=${props.wide ? 'wide' : 'poster'} n=${rows.value ? shape.value.columns : shape.value.columns * 3} />`;
			return null;
		}

		return () => {
			const { columns, height, gap } = shape.value;
			const [first, last] = span.value;
			const items = props.list.items.value.slice(first * columns, last * columns);
			return html`<div class="wall">
				<div ref=${place} style=${{ height: `${Math.max(0, rows.value * height)}px` }}>
					<ul class="cells" style=${{ transform: `translateY(${first * height}px)`, gap: `${gap}px`,
		gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gridAutoRows: `${height - gap}px` }}>
						${items.map((item) => html`<li key=${item.id ?? item.content.id}>${card(item)}</li>`)}
					</ul>
				</div>
				${end()}
			</div>`;
		};
	},
};
