// Something that is loaded with the part of a page that shows it.
import { onMounted } from 'vue';
import { html } from '../core/html.js';
import { useLoad } from '../core/load.js';
import { Failed, Skeleton } from './states.js';

/** @param {() => Promise<any>} ask */
export function useShown(ask) {
	const { data, problem, load } = useLoad(ask);
	onMounted(load);
	/** @param {(value: any) => any} draw */
	const show = (draw) => problem.value ? html`<${Failed} problem=${problem.value} onRetry=${load} />`
		: data.value ? draw(data.value) : html`<${Skeleton} shape="rows" n=${3} />`;
	return { data, load, show };
}
