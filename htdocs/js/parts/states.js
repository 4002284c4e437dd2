// What a page shows while it has nothing to show: waiting, empty, failed.
import { RouterLink } from 'vue-router';
import { useAgain } from '../core/again.js';
import { html } from '../core/html.js';
import { has, t } from '../core/text.js';
import { Icon } from './icon.js';

/** A problem as a sentence. @param {any} problem */
export function explain(problem) {
	if (!problem || problem.status === undefined)
		return t('problem.error');
	if (has(`problem.${problem.code}`))
		return t(`problem.${problem.code}`);
	if (problem.status === 0)
		return t('problem.unreachable');
	if (problem.status === 502 || problem.status === 503 || problem.status === 504)
		return t('problem.away');
	if (problem.status === 429)
		return t('problem.too_many', { s: problem.retryAfter || 1 });
	return problem.message || t('problem.error');
}

/** What is tried again at a press, and by itself when it may be over. */
export const Failed = {
	props: ['problem', 'missing'],
	emits: ['retry'],
	/**
	 * @param {{problem: any, missing?: string}} props
	 * @param {any} context
	 */
	setup(props, { emit }) {
		const retry = () => emit('retry');
		useAgain(() => props.problem, retry);

		return () => {
			const { problem, missing } = props;
			const gone = problem?.status === 404;
			return html`<div class="state" role="alert">
				<${Icon} name=${gone ? 'lost' : 'cloud'} />
				<h2>${gone ? t(missing || 'state.missing') : t('state.failed')}</h2>
				<p>${gone ? t('state.missing_why') : explain(problem)}</p>
				${gone ? html`<${RouterLink} class="button" to="/">${t('nav.home')}<//>` : html`<button type="button" onClick=${retry}>${t('again')}</button>`}
				${problem?.requestId ? html`<p class="quiet small">${t('state.request', { id: problem.requestId })}</p>` : null}
			</div>`;
		};
	},
};

/** @param {{icon?: string, title: string, text?: string}} props @param {any} context */
export function Empty({ icon, title, text }, { slots }) {
	return html`<div class="state">
		<${Icon} name=${icon || 'empty'} />
		<h2>${title}</h2>
		${text ? html`<p>${text}</p>` : null}
		${slots.default?.()}
	</div>`;
}
Empty.props = ['icon', 'title', 'text'];

/** Grey shapes of what is to come. @param {{shape?: string, n?: number}} props */
export function Skeleton({ shape, n }) {
	return html`<div class=${`ghosts ${shape || 'poster'}`} role="status" aria-label=${t('state.loading')}>
		${Array.from({ length: n || 8 }, () => html`<span class="ghost"></span>`)}
	</div>`;
}
Skeleton.props = ['shape', 'n'];
