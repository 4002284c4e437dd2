// A text as a picture that cameras read.
import { generate } from 'lean-qr';
import { html } from '../core/html.js';

/** As the standard wants it around. */
const QUIET_ZONE = 4;

/** @param {{text: string, label: string}} props */
export function Qr({ text, label }) {
	const bitmap = generate(text);
	const row = Array.from({ length: bitmap.size }, (_, i) => i);
	const d = row.map((y) => row.filter((x) => bitmap.get(x, y)).map((x) => `M${x} ${y}h1v1h-1z`).join('')).join('');
	const side = bitmap.size + 2 * QUIET_ZONE;
	return html`<svg class="qr" role="img" aria-label=${label} viewBox=${`${-QUIET_ZONE} ${-QUIET_ZONE} ${side} ${side}`} shape-rendering="crispEdges"><path d=${d} /></svg>`;
}
Qr.props = ['text', 'label'];
