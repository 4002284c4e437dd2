// A modal dialog: the browser keeps the focus in it, and gives it back when it is closed, which it
// therefore is before it goes.
import { onBeforeUnmount, onMounted, ref } from 'vue';
import { html } from '../core/html.js';
import { t } from '../core/text.js';
import { Icon } from './icon.js';

let made = 0;

export const Dialog = {
	props: ['title', 'wide'],
	emits: ['close'],
	/**
	 * @param {{title: string, wide?: boolean}} props
	 * @param {any} context
	 */
	setup(props, { slots, emit }) {
		const place = ref(/** @type {HTMLDialogElement | null} */ (null));
		const id = `dialog-${++made}`;
		let gone = false;
		onMounted(() => place.value?.showModal());
		onBeforeUnmount(() => {
			gone = true;
			place.value?.close();
		});

		return () => html`<dialog class=${props.wide ? 'dialog wide' : 'dialog'} ref=${place} aria-labelledby=${id}
			onClose=${() => gone || emit('close')}
			onClick=${(/** @type {Event} */ e) => e.target === place.value && place.value?.close()}>
			<div class="inside">
				<h2 id=${id}>${props.title}</h2>
				<button type="button" class="round close" aria-label=${t('close')} onClick=${() => place.value?.close()}><${Icon} name="close" /></button>
				${slots.default()}
			</div>
		</dialog>`;
	},
};
