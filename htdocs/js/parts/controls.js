// What one can do while something plays: bar, buttons, menus.
import { html } from '../core/html.js';
import { counter } from '../core/format.js';
import { t } from '../core/text.js';
import { trackName } from '../core/tracks.js';
import { Icon } from './icon.js';

/** @type {(name: string, label: string, press: () => void, more?: any) => any} */
export const control = (name, label, press, more = {}) => html`<button type="button" class="round" aria-label=${label} title=${label} onClick=${press} ...${more}><${Icon} name=${name} fill=${name === 'play'} /></button>`;

/**
 * @typedef {{time: number, duration: number, buffered: number, from: number, paused: boolean, muted: boolean, volume: number, full: boolean, waiting: boolean}} Clock
 */

/** The bar: where it is, what is loaded, the markers, and what is there. @type {(clock: Clock, seek: (to: number) => void, markers: any[], preview: ReturnType<typeof import('./preview.js').usePreview>) => any} */
export function SeekBar(clock, seek, markers, preview) {
	const length = Math.max(1, clock.duration - clock.from);
	const share = (/** @type {number} */ at) => `${Math.min(100, Math.max(0, (at - clock.from) / length * 100)).toFixed(2)}%`;
	return html`<div class="seek" style=${{ '--at': share(clock.time), '--loaded': share(clock.buffered) }} onPointermove=${preview.point} onPointerleave=${preview.hide}>
		${markers.map((m) => html`<i class="marker" style=${{ left: share(m.start), width: `calc(${share(m.end)} - ${share(m.start)})` }}></i>`)}
		<input type="range" min=${Math.floor(clock.from)} max=${Math.max(1, Math.floor(clock.duration))} step="1" value=${Math.floor(clock.time)} aria-label=${t('player.seek')}
			aria-valuetext=${`${counter(clock.time)} / ${counter(clock.duration)}`} onInput=${(/** @type {any} */ e) => seek(Number(e.target.value))} />
		${preview.Preview()}
	</div>`;
}

/** A choice of one. @type {(chosen: number, choose: (id: number) => void) => (id: number, text: string) => any} */
const entries = (chosen, choose) => (id, text) => html`<button type="button" role="menuitemradio" key=${id} aria-checked=${id === chosen} onClick=${() => choose(id)}>${text}</button>`;

/** @type {(title: string, group: any) => any} */
const menu = (title, groups) => html`<div class="player-menu" role="menu" aria-label=${title}>${groups}</div>`;

/** @type {(title: string, list: any) => any} */
const group = (title, list) => html`<div role="group" aria-label=${title}><h3>${title}</h3>${list}</div>`;

/** @type {(title: string, tracks: {sounds: import('../core/tracks.js').Track[], sound: number, texts: import('../core/tracks.js').Track[], text: number}, chooseSound: (id: number) => void, chooseText: (id: number) => void) => any} */
export function TrackMenu(title, tracks, chooseSound, chooseText) {
	const sound = entries(tracks.sound, chooseSound);
	const text = entries(tracks.text, chooseText);
	const { sounds, texts } = tracks;
	return menu(title, [
		sounds.length > 1 ? group(t('player.sound'), sounds.map((x) => sound(x.id, trackName(x, sounds, t('player.described'))))) : null,
		texts.length ? group(t('player.subtitles'), [text(-1, t('player.off')), ...texts.map((x) => text(x.id, trackName(x, texts, t('player.captions'))))]) : null,
	]);
}

/** @type {(levels: number[], chosen: number, choose: (i: number) => void) => any} */
export function LevelMenu(levels, chosen, choose) {
	const level = entries(chosen, choose);
	return menu(t('player.quality'), group(t('player.quality'), [level(-1, t('player.auto')), ...levels.map((l, i) => level(i, `${l}p`))]));
}
