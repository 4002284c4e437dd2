// Says that a title is seen, or that it was never watched: what was watched of a whole series or season is given up only when asked.
import { html } from '../core/html.js';
import { t } from '../core/text.js';
import { sure } from './confirm.js';
import { Icon } from './icon.js';

/**
 * round: in a list of such; whole: of which its words say what it is.
 * @param {{seen: import('../core/seen.js').Seen, id: number, title: string, round?: boolean, whole?: 'season'}} props
 */
export function SeenButton({ seen, id, title, round, whole }) {
	const state = seen.of(id);
	if (!state)
		return null;
	const say = (/** @type {string} */ what) => t(`${whole || 'seen'}.${what}`);
	const name = say(state.seen ? 'seen' : 'mark');
	const label = [round ? title : '', name, state.seen ? say('undo') : ''].filter(Boolean).join(': ');

	async function press() {
		if (!state?.seen || !state.episodes || await sure(t('seen.really', { title }), say('undo')))
			seen.mark(id, !state?.seen);
	}

	return html`<button type="button" class=${round ? 'seen round' : whole ? 'quiet-button' : 'seen'} aria-pressed=${state.seen} aria-label=${label} onClick=${press}>
		<${Icon} name=${state.seen ? 'check' : 'eye'} />${round ? null : name}</button>`;
}
SeenButton.props = ['seen', 'id', 'title', 'round', 'whole'];
