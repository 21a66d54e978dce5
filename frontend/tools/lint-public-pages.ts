/** Two rules of ours for components: no style attribute, and no event handler where no Svelte runs. */

import type { Rule } from 'eslint';
import type { AST } from 'svelte-eslint-parser';

/** The parser's nodes are not those that ESLint knows. */
type Listener = Rule.RuleListener;
const on = (listener: object) => listener as Listener;
const at = (node: AST.SvelteNode) => node as unknown as Rule.Node;

const noInlineStyle: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { style: 'The content policy refuses style attributes: use a class of src/styles.' },
  },
  create: (context) =>
    on({
      SvelteAttribute(node: AST.SvelteAttribute) {
        if (node.key.name === 'style') context.report({ node: at(node), messageId: 'style' });
      },
      SvelteStyleDirective(node: AST.SvelteStyleDirective) {
        context.report({ node: at(node), messageId: 'style' });
      },
    }),
};

const HANDLER = /^on[a-z]+$/;
const LIVE = ['EventHandler', 'Binding', 'Action', 'Transition', 'Animation'];

const noHandlers: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      handler: 'Public pages load no Svelte: make it a link or a form, and improve it in src/enhance.',
    },
  },
  create: (context) =>
    on({
      SvelteAttribute(node: AST.SvelteAttribute) {
        if (HANDLER.test(node.key.name)) context.report({ node: at(node), messageId: 'handler' });
      },
      SvelteShorthandAttribute(node: AST.SvelteShorthandAttribute) {
        if (HANDLER.test(node.key.name)) context.report({ node: at(node), messageId: 'handler' });
      },
      SvelteDirective(node: AST.SvelteDirective) {
        if (LIVE.includes(node.kind)) context.report({ node: at(node), messageId: 'handler' });
      },
    }),
};

export default { rules: { 'no-inline-style': noInlineStyle, 'no-handlers': noHandlers } };
