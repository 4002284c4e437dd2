// A title in a list: its picture, its name, and how far one got with it.
import { shallowRef } from 'vue';
import { RouterLink } from 'vue-router';
import { art, hand, ownPicture } from '../core/art.js';
import { html } from '../core/html.js';
import { pageOf } from '../core/router.js';
import { t } from '../core/text.js';
import { Icon } from './icon.js';

/** @typedef {{id: number, kind: string, title: string, poster?: string | null}} Titled */

/** Pictures that did not arrive. @type {Set<string>} */
const broken = new Set();
const brokenCount = shallowRef(0);

/** Whether a title's picture has to be drawn. @param {Titled} item */
function isDrawn(item) {
	const own = ownPicture(item.poster);
	return !own || broken.has(own) && brokenCount.value >= 0;
}

/**
 * The picture of a title, or one drawn for it. A drawn poster carries the title, since it says
 * nothing by itself.
 * @param {{item: Titled, wide?: boolean, plain?: boolean}} props
 */
export function Picture({ item, wide, plain }) {
	const own = ownPicture(item.poster);
	const drawn = isDrawn(item);
	const src = drawn ? art(item.id, wide ? 'wide' : 'poster') : own;
	return html`<span class=${wide ? 'picture wide' : 'picture'}>
		<img src=${src} alt="" loading="lazy" decoding="async" onError=${() => {
	if (own && !broken.has(own)) {
		broken.add(own);
		brokenCount.value++;
	}
}} />
		${drawn && !plain && !wide ? html`<span class=${`lettering ${hand(item.id, item.title)}`} aria-hidden="true"><span>${item.title}</span></span>` : null}
	</span>`;
}
Picture.props = ['item', 'wide', 'plain'];

/** @param {{value: number, label?: string}} props */
export function Progress({ value, label }) {
	return html`<span class="progress" role="progressbar" aria-valuemin="0" aria-valuemax="100"
		aria-valuenow=${Math.round(value * 100)} aria-label=${label || t('progress')}>
		<i style=${{ transform: `scaleX(${value.toFixed(4)})` }}></i></span>`;
}
Progress.props = ['value', 'label'];

/** @param {any} item */
function under(item) {
	const parts = [item.year];
	if (item.kind === 'series')
		parts.push(t('kind.series'));
	return parts.filter(Boolean).join(' · ');
}

/**
 * soon: it cannot be opened yet.
 * @param {{item: any, to?: any, wide?: boolean, note?: string, progress?: number, soon?: boolean}} props
 */
export function Card({ item, to, wide, note, progress, soon }) {
	const below = note ?? under(item);
	const inside = html`<${Picture} item=${item} wide=${wide} />
		${wide ? html`<span class="over" aria-hidden="true"><${Icon} name="play" fill=${true} /></span>` : null}
		${progress === undefined ? null : html`<${Progress} value=${progress} />`}
		<span class="caption">
			<span class=${!wide && isDrawn(item) ? 'name hide' : 'name'}>${item.title}</span>
			<span class="meta"><span>${below}</span>${item.rating?.min_age >= 16 ? html`<b class="age">${item.rating.min_age}+</b>` : null}</span>
		</span>`;
	const name = wide ? 'card wide' : 'card';
	return soon ? html`<div class=${`${name} soon`} tabindex="0" role="group" aria-label=${`${item.title}, ${below}`}>${inside}</div>`
		: html`<${RouterLink} class=${name} to=${to || pageOf(item)}>${inside}<//>`;
}
Card.props = ['item', 'to', 'wide', 'note', 'progress', 'soon'];
