// One question before something that cannot be taken back.
import { shallowRef } from 'vue';
import { html } from '../core/html.js';
import { t } from '../core/text.js';
import { Dialog } from './dialog.js';

/** @type {import('vue').ShallowRef<{text: string, yes: string, answer: (yes: boolean) => void} | null>} */
const question = shallowRef(null);

/** @type {(text: string, yes?: string) => Promise<boolean>} */
export function sure(text, yes = t('delete')) {
	return new Promise((done) => {
		question.value?.answer(false);
		question.value = { text, yes, answer: (y) => {
			question.value = null;
			done(y);
		} };
	});
}

/** Somebody has gone to another page: what was asked there is not answered any more. */
export const dismiss = () => question.value?.answer(false);

export const Question = {
	setup: () => () => {
		const q = question.value;
		return q && html`<${Dialog} title=${q.text} onClose=${() => q.answer(false)}>
			<div class="row"><button type="button" class="danger" onClick=${() => q.answer(true)}>${q.yes}</button>
			<button type="button" class="main" autofocus=${true} onClick=${() => q.answer(false)}>${t('cancel')}</button></div><//>`;
	},
};
