// What one can do while something plays: bar, buttons, menus.
import { html } from '../core/html.js';
import { counter, languageName } from '../core/format.js';
import { t } from '../core/text.js';
import { Icon } from './icon.js';

/** @type {(name: string, label: string, press: () => void, more?: any) => any} */
export const control = (name, label, press, more = {}) => html`<button type="button" class="round" aria-label=${label} title=${label} onClick=${press} ...${more}><${Icon} name=${name} fill=${name === 'play'} /></button>`;

/**
 * @typedef {{time: number, duration: number, buffered: number, from: number, paused: boolean, muted: boolean, volume: number, full: boolean, waiting: boolean}} Clock
 */

/** The bar: where it is, what is loaded, and the markers. @type {(clock: Clock, seek: (to: number) => void, markers: any[]) => any} */
export function SeekBar(clock, seek, markers) {
	const length = Math.max(1, clock.duration - clock.from);
	const share = (/** @type {number} */ at) => `${Math.min(100, Math.max(0, (at - clock.from) / length * 100)).toFixed(2)}%`;
	return html`<div class="seek" style=${{ '--at': share(clock.time), '--loaded': share(clock.buffered) }}>
		${markers.map((m) => html`<i class="marker" style=${{ left: share(m.start), width: `calc(${share(m.end)} - ${share(m.start)})` }}></i>`)}
		<input type="range" min=${Math.floor(clock.from)} max=${Math.max(1, Math.floor(clock.duration))} step="1" value=${Math.floor(clock.time)} aria-label=${t('player.seek')}
			aria-valuetext=${`${counter(clock.time)} / ${counter(clock.duration)}`} onInput=${(/** @type {any} */ e) => seek(Number(e.target.value))} />
	</div>`;
}

/** @type {(tracks: {id: number, language: string, label: string}[], chosen: number, choose: (id: number) => void) => any} */
export function TrackMenu(tracks, chosen, choose) {
	const entry = (/** @type {number} */ id, /** @type {string} */ text) => html`<button type="button" role="menuitemradio" key=${id} aria-checked=${id === chosen} onClick=${() => choose(id)}>${text}</button>`;
	return html`<div class="player-menu" role="menu" aria-label=${t('player.subtitles')}><h3>${t('player.subtitles')}</h3>${entry(-1, t('player.off'))}${tracks.map((x) => entry(x.id, x.label || languageName(x.language)))}</div>`;
}

/** @type {(levels: number[], chosen: number, choose: (i: number) => void) => any} */
export function LevelMenu(levels, chosen, choose) {
	const entry = (/** @type {number} */ i, /** @type {string} */ text) => html`<button type="button" role="menuitemradio" key=${i} aria-checked=${i === chosen} onClick=${() => choose(i)}>${text}</button>`;
	return html`<div class="player-menu" role="menu" aria-label=${t('player.quality')}><h3>${t('player.quality')}</h3>${entry(-1, t('player.auto'))}${levels.map((l, i) => entry(i, `${l}p`))}</div>`;
}
