// Fields of forms, and what the service refused about them.
import { reactive } from 'vue';
import { html } from '../core/html.js';
import { has, t } from '../core/text.js';
import { explain } from './states.js';

/** @typedef {{busy: boolean, problem: any, errors: Record<string, string>}} FormState */

/** @param {{field: string, code: string, message: string}} e */
const sentence = (e) => has(`field.${e.code}`) ? t(`field.${e.code}`) : e.message;

/**
 * Runs what a form does: one at a time, errors go to their fields, the first of them gets the focus.
 * @param {(data: Record<string, any>, form: HTMLFormElement) => Promise<any>} work
 */
export function useForm(work) {
	/** @type {FormState} */
	const state = reactive({ busy: false, problem: null, errors: {} });

	/** @param {Event} event */
	async function submit(event) {
		event.preventDefault();
		if (state.busy)
			return;
		const form = /** @type {HTMLFormElement} */ (event.target);
		Object.assign(state, { busy: true, problem: null, errors: {} });
		try {
			await work(Object.fromEntries(new FormData(form)), form);
		} catch (cause) {
			const problem = /** @type {any} */ (cause);
			state.problem = problem;
			state.errors = Object.fromEntries((problem.errors || []).map((/** @type {any} */ e) => [e.field, sentence(e)]));
			const first = Object.keys(state.errors)[0];
			const input = first && form.elements.namedItem(first);
			if (input instanceof HTMLElement)
				input.focus();
		} finally {
			state.busy = false;
		}
	}

	return { state, submit };
}

/** A value is what it begins with: what was typed stays, whatever else is drawn anew. @param {{name: string, label: string, value?: string, hint?: string, form?: FormState}} props @param {any} context */
export function Field({ name, label, value, hint, form }, { attrs, slots }) {
	const error = form?.errors[name];
	const id = `field-${name}`;
	const note = error || hint;
	const more = { id, name, 'aria-invalid': error ? 'true' : null, 'aria-describedby': note ? `${id}-note` : null };
	return html`<div class="field">
		<label for=${id}>${label}</label>
		${slots.default ? slots.default(more) : html`<input ...${more} ...${attrs} defaultValue=${value ?? ''} />`}
		${note ? html`<p id=${`${id}-note`} class=${error ? 'bad small' : 'quiet small'}>${note}</p>` : null}
	</div>`;
}
Field.props = ['name', 'label', 'value', 'hint', 'form'];
Field.inheritAttrs = false;

/** @param {{name: string, label: string, options: [string, string][], value?: any, hint?: string, form?: FormState, onChange?: any}} props */
export function Choice({ name, label, options, value, hint, form, onChange }) {
	const id = `field-${name}`;
	const error = form?.errors[name];
	return html`<div class="field">
		<label for=${id}>${label}</label>
		<span class="select"><select id=${id} name=${name} onChange=${onChange} aria-invalid=${error ? 'true' : null}>
			${options.map(([v, text]) => html`<option value=${v} selected=${String(value ?? '') === v}>${text}</option>`)}
		</select></span>
		${error || hint ? html`<p class=${error ? 'bad small' : 'quiet small'}>${error || hint}</p>` : null}
	</div>`;
}
Choice.props = ['name', 'label', 'options', 'value', 'hint', 'form', 'onChange'];

/** @param {{form: FormState}} props */
export function FormProblem({ form }) {
	if (!form.problem)
		return null;
	return html`<p class="notice" role="alert">${Object.keys(form.errors).length ? t('field.look') : explain(form.problem)}</p>`;
}
FormProblem.props = ['form'];
