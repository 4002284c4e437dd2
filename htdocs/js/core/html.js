// Markup as tagged templates for Vue's render functions: nothing is compiled in the browser, so no
// unsafe-eval, and every text and attribute goes through the DOM's own setters.
import { h } from 'vue';
import htm from 'htm';

/**
 * @this {any}
 * @param {any} type an element's name or a component
 * @param {Record<string, any> | null} props
 * @param {...any} children
 */
function node(type, props, ...children) {
	// htm would keep static parts from one call to the next; vnodes are made anew each time.
	this[0] = 3;
	if (typeof type === 'string')
		return h(type, props, children);
	// a function as the only child is the slot itself, which takes what the component hands to it
	const slot = typeof children[0] === 'function' ? children[0] : () => children;
	return children.length ? h(type, props, { default: slot }) : h(type, props);
}

/** @type {(strings: TemplateStringsArray, ...values: any[]) => any} */
export const html = htm.bind(/** @type {any} */ (node));
