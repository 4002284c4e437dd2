// The picture above the bar of the player while somebody looks for a place: under the pointer, or where keys lead.
import { computed, onBeforeUnmount, reactive, ref, watch } from 'vue';
import { counter } from '../core/format.js';
import { html } from '../core/html.js';

/** So long it stays after a key. */
const STAY_MS = 1500;

const Picture = {
	props: { picture: { type: Object, required: true } },
	/** @param {{picture: any}} props */
	setup(props) {
		const canvas = ref(/** @type {HTMLCanvasElement | null} */ (null));
		// drawn from the sheet itself: an address of it may be over by the time another part of it is shown
		watch([canvas, () => props.picture], () => {
			const { image, x, y, width, height } = props.picture;
			const to = canvas.value?.getContext('2d');
			to?.clearRect(0, 0, width, height);
			if (image)
				to?.drawImage(image, x, y, width, height, 0, 0, width, height);
		}, { flush: 'post' });
		return () => html`<canvas ref=${canvas} width=${props.picture.width} height=${props.picture.height}></canvas>`;
	},
};

/**
 * @param {import('./controls.js').Clock} clock
 * @param {(time: number) => any} pictureAt
 */
export function usePreview(clock, pictureAt) {
	const state = reactive({ time: -1 });
	let /** @type {any} */ timer;

	/** For a while. @param {number} time */
	function show(time) {
		state.time = Math.min(Math.max(clock.from, time), clock.duration);
		clearTimeout(timer);
		timer = setTimeout(() => { state.time = -1; }, STAY_MS);
	}

	/** As long as the pointer stays; what is there is what a click leads to. @param {PointerEvent} event */
	function point(event) {
		const bar = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
		const thumb = parseFloat(getComputedStyle(document.documentElement).fontSize); // 1rem
		const share = (event.clientX - bar.left - thumb / 2) / (bar.width - thumb);
		clearTimeout(timer);
		state.time = clock.from + Math.min(1, Math.max(0, share)) * (clock.duration - clock.from);
	}

	function hide() {
		clearTimeout(timer);
		state.time = -1;
	}

	const picture = computed(() => state.time < 0 ? null : pictureAt(state.time));
	onBeforeUnmount(() => clearTimeout(timer));

	function Preview() {
		if (!picture.value)
			return null;
		const share = (state.time - clock.from) / Math.max(1, clock.duration - clock.from);
		return html`<div class="preview" aria-hidden="true" style=${{ '--share': share.toFixed(4), '--width': picture.value.width }}>
			<${Picture} picture=${picture.value} /><span>${counter(state.time)}</span></div>`;
	}

	return { show, point, hide, Preview };
}
